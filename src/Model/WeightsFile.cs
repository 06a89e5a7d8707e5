namespace P6bNative.Model;

/// <summary>
/// Weights of a model as safetensors: F32 under PyTorch's state-dict names, and the sizes as metadata.
/// </summary>
public static class WeightsFile
{
    private const int ChunkElements = 1 << 18;
    private const int NamesShown = 4;

    /// <summary>Writes the weights atomically, with the table of positions where PyTorch keeps one as a buffer.</summary>
    /// <param name="path">The target.</param>
    /// <param name="parameters">The weights.</param>
    /// <param name="config">The model's sizes, written as metadata.</param>
    /// <param name="metadata">Further metadata; wins over the sizes where keys are the same.</param>
    /// <exception cref="SafetensorsException">The file cannot be written.</exception>
    public static void Save(
        string path, ParameterSet parameters, VectorPredictorConfig config, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var tensors = parameters.Layout.Entries
            .Select(entry => SafetensorsSource.FromDevice(entry.Name, entry.Shape, parameters.Device, parameters.Value(entry.Name))).ToList();
        if (parameters.Layout.PositionWidth is { } width)
        {
            double[] table = Positions.Table(Positions.TableLength, width);
            tensors.Insert(2, SafetensorsSource.FromMemory(
                Positions.BufferName, [1, Positions.TableLength, width], Array.ConvertAll(table, x => (float)x)));
        }

        var all = new Dictionary<string, string>(config.ToMetadata());
        foreach ((string key, string value) in metadata ?? new Dictionary<string, string>())
            all[key] = value;
        SafetensorsWriter.Write(path, tensors, all);
    }

    /// <summary>Reads weights.</summary>
    /// <param name="path">A file with exactly the parameters of the layout; the table of positions may be there or not.</param>
    /// <param name="parameters">Overwritten.</param>
    /// <param name="slotSkipsMayBeMissing">A file without slot skips is accepted; those of the model stay as they are.</param>
    /// <exception cref="SafetensorsException">The file is damaged, its names or shapes are not the model's, or a weight is not finite.</exception>
    public static void Load(string path, ParameterSet parameters, bool slotSkipsMayBeMissing = false)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Check(file, parameters.Layout, slotSkipsMayBeMissing);
        var chunk = new float[ChunkElements];
        foreach (ParameterEntry entry in parameters.Layout.Entries.Where(entry => file.Contains(entry.Name)))
        {
            for (long start = 0; start < entry.Length; start += chunk.Length)
            {
                Span<float> part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, entry.Length - start));
                file.Read(entry.Name, start, part);
                RequireFinite(path, entry, start, part);
                parameters.Device.Upload(part, parameters.Value(entry.Name).Slice(start, part.Length));
            }
        }
    }

    /// <summary>Checks that names and shapes of a file are those of a model.</summary>
    /// <param name="file">The file.</param>
    /// <param name="layout">The model's parameters.</param>
    /// <param name="slotSkipsMayBeMissing">Whether a file without slot skips is accepted.</param>
    /// <exception cref="SafetensorsException">They are not; the message lists the differences.</exception>
    public static void Check(SafetensorsFile file, ParameterLayout layout, bool slotSkipsMayBeMissing = false)
    {
        var problems = new List<string>();
        IEnumerable<string> missing = layout.Entries.Select(entry => entry.Name).Where(name => !file.Contains(name));
        Report(problems, "missing", missing.Where(name => !slotSkipsMayBeMissing || name != SlotSkips.ParameterName));
        Report(problems, "unexpected", file.Entries.Where(e => !layout.Contains(e.Name) && !IsTable(e.Name)).Select(e => e.Name));
        Report(problems, "of the wrong shape", layout.Entries
            .Where(entry => file.Contains(entry.Name) && !entry.Shape.SequenceEqual(file[entry.Name].Shape))
            .Select(entry => $"{entry.Name} {file[entry.Name].ShapeText} instead of [{string.Join(", ", entry.Shape)}]"));
        if (layout.PositionWidth is { } width && file.Contains(Positions.BufferName))
            CheckPositions(problems, file[Positions.BufferName], width);
        if (problems.Count > 0)
            throw new SafetensorsException($"{file.Path}: tensors do not match the model: {string.Join("; ", problems)}.");

        bool IsTable(string name) => layout.PositionWidth is not null && name == Positions.BufferName;
    }

    private static void CheckPositions(List<string> problems, SafetensorsEntry table, int width)
    {
        if (table.Shape is not [1, >= 1, long columns] || columns != width)
            problems.Add($"{table.Name} has shape {table.ShapeText} instead of [1, {Positions.TableLength}, {width}]");
    }

    private static void Report(List<string> problems, string kind, IEnumerable<string> names)
    {
        string[] all = [.. names];
        if (all.Length == 0)
            return;
        string more = all.Length > NamesShown ? $" and {all.Length - NamesShown} more" : "";
        problems.Add($"{kind}: {string.Join(", ", all.Take(NamesShown).Select(SafetensorsHeader.OneLine))}{more}");
    }

    private static void RequireFinite(string path, ParameterEntry entry, long start, ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                throw new SafetensorsException($"{path}: tensor '{entry.Name}', element {start + i} is {values[i]}: these weights cannot be used.");
        }
    }
}
