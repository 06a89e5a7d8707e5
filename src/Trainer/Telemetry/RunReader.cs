using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using P6bNative.Model;

namespace P6bNative.Trainer.Telemetry;

/// <summary>
/// Reads run folders. Missing files and keys are taken as they are, since a run in progress or of an older version has fewer; broken JSON
/// and numbers of the wrong type are errors, but for a last line of metrics.jsonl that is still being written.
/// </summary>
internal static class RunReader
{
    private static readonly FrozenSet<string> WrittenByTrain =
        HistoryJson.Default.EpochRecord.Properties.Select(property => property.Name).ToFrozenSet();

    /// <summary>Reads the folder of a run.</summary>
    /// <exception cref="InputException">There is no run, or one of its files is damaged.</exception>
    public static RunRecord Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            string what = File.Exists(folder) ? "a file" : "no such folder";
            throw new InputException($"{folder}: {what}; name the folder of a run (--output-dir of train).");
        }

        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string config = Path.Combine(path, "config.json");
        if (!File.Exists(config)) throw new InputException($"{folder}: no run there (config.json is missing).");
        string evaluation = Path.Combine(path, "evaluation.json");
        return WithForecast(new RunRecord
        {
            Path = path,
            Config = JsonInput.ReadObject(config),
            Epochs = ReadHistory(Path.Combine(path, "history.json")),
            Logged = ReadMetrics(Path.Combine(path, "metrics.jsonl")),
            Position = ReadPosition(Path.Combine(path, "last.state")),
            StoppedBy = ReadStop(Path.Combine(path, "training.log")),
            Evaluation = File.Exists(evaluation) ? JsonInput.ReadObject(evaluation) : null,
        });
    }

    /// <summary>A forecast can be made again at any time, so one that is damaged or of another run is left out, and the reason kept.</summary>
    private static RunRecord WithForecast(RunRecord run)
    {
        string path = Path.Combine(run.Path, "forecast.json");
        RecordedForecast? forecast = RecordedForecast.TryRead(path, out string? problem);
        if (forecast is not null)
        {
            string? mode = run.Setting("mode"), negative = run.Setting("negative");
            if (forecast.Mode != mode)
                problem = $"{path}: is of mode {forecast.Mode}, the run's is {mode}.";
            else if (forecast.Negative != negative)
                problem = $"{path}: is of negative {forecast.Negative ?? "none"}, the run's is {negative ?? "none"}.";
            else if (run.Position is { } position && position.TrainWindows != forecast.TrainWindows)
                problem = $"{path}: was made from {forecast.TrainWindows:N0} training windows, the run has {position.TrainWindows:N0}.";
        }

        return problem is null
            ? run with { Forecast = forecast }
            : run with { ForecastProblem = $"{problem} It is ignored; p6b forecast --config {Path.Combine(run.Path, "config.json")} --json makes it." };
    }

    private static List<RecordedEpoch> ReadHistory(string path)
    {
        var epochs = new List<RecordedEpoch>();
        if (!File.Exists(path)) return epochs;
        if (!JsonInput.ReadObject(path).TryGetProperty("history", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            throw new InputException($"{path}: the array 'history' is missing.");
        foreach (JsonElement record in list.EnumerateArray())
        {
            string where = $"{path}: history[{epochs.Count}]";
            int epoch = (int)JsonInput.Count(JsonInput.RequireObject(record, where), "epoch", where, int.MaxValue);
            if (epochs.Count > 0 && epoch <= epochs[^1].Epoch)
                throw new InputException($"{where}: epoch {epoch} comes after epoch {epochs[^1].Epoch}; epochs must rise.");
            epochs.Add(new RecordedEpoch(epoch, Numbers(record, where)));
        }

        return epochs;
    }

    /// <summary>Every number of an epoch. What train writes must be one; another key may be anything and counts only where it is one.</summary>
    private static Dictionary<string, double> Numbers(JsonElement record, string where)
    {
        var values = new Dictionary<string, double>();
        foreach (JsonProperty property in record.EnumerateObject())
        {
            JsonElement value = property.Value;
            if (value.ValueKind == JsonValueKind.Array)
            {
                int index = 0;
                foreach (JsonElement element in value.EnumerateArray()) Keep($"{property.Name}[{index++}]", element);
            }
            else
            {
                Keep(property.Name, value);
            }

            void Keep(string key, JsonElement element)
            {
                if (WrittenByTrain.Contains(property.Name) || element.ValueKind is JsonValueKind.Number or JsonValueKind.Null)
                    values[key] = JsonInput.Number(element, $"{where}: {key}");
            }
        }

        return values;
    }

    private static LoggedSteps ReadMetrics(string path)
    {
        var steps = new LoggedSteps();
        if (!File.Exists(path)) return steps;
        ReadOnlySpan<byte> rest = JsonInput.ReadBytes(path);
        for (int number = 1; rest.Length > 0; number++)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            try
            {
                Add(steps, JsonElement.Parse(line), $"{path}: line {number}");
            }
            catch (JsonException e)
            {
                // The last line of a run in progress, or of a killed one, may be half written.
                if (end >= 0) throw new InputException($"{path}: line {number} is not valid JSON: {JsonInput.Reason(e)}", e);
            }
        }

        return steps;
    }

    private static void Add(LoggedSteps steps, JsonElement record, string where)
    {
        long step = JsonInput.Count(JsonInput.RequireObject(record, where), "step", where);
        if (steps.Count > 0 && step <= steps.Steps[^1])
            throw new InputException($"{where}: step {step} comes after step {steps.Steps[^1]}; steps must rise.");
        steps.Add(step, (int)JsonInput.Count(record, "epoch", where, int.MaxValue), key => JsonInput.Number(record, key, where));
    }

    private static RecordedPosition? ReadPosition(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using SafetensorsFile state = SafetensorsFile.Open(path);
            if (!state.Metadata.TryGetValue("run_state", out string? text)) return null;
            JsonElement position = JsonInput.RequireObject(JsonElement.Parse(text), $"{path}: run_state");
            return new RecordedPosition(Whole(position, "step"), Whole(position, "train_windows"), Whole(position, "validation_windows"));
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}: run_state is not valid JSON: {JsonInput.Reason(e)}", e);
        }

        long Whole(JsonElement position, string key) =>
            JsonInput.Number(position, key, path) is double value && double.IsFinite(value) ? (long)value : 0;
    }

    private static string? ReadStop(string path)
    {
        const string stopped = "STOPPED at ";
        if (!File.Exists(path)) return null;
        string? reason = null;
        using FileStream file = JsonInput.Open(path);
        using var lines = new StreamReader(file, Encoding.UTF8);
        while (lines.ReadLine() is { } line)
        {
            if (line.StartsWith(stopped, StringComparison.Ordinal))
                reason = line[stopped.Length..];
            else if (line.StartsWith("Resumed at ", StringComparison.Ordinal))
                reason = null;
        }

        return reason;
    }
}
