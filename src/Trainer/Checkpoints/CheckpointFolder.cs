using System.Text.Json;
using P6bNative.Kernels.Devices;
using P6bNative.Model;

namespace P6bNative.Trainer.Checkpoints;

/// <summary>
/// The weights and the optimizer state of a run folder. <c>last.safetensors</c> and <c>last.state</c> belong together; both are
/// written beside the old pair first, then the state is renamed (the commit), then the weights. A kill before the commit leaves the old
/// pair; a kill after it leaves the new weights as <c>last.safetensors.next</c>, which <see cref="Load"/> moves into place.
/// </summary>
internal sealed class CheckpointFolder(string folder)
{
    private const string StateKey = "run_state";
    private const string StepKey = "step";
    private const string FirstMomentPrefix = "exp_avg.";
    private const string SecondMomentPrefix = "exp_avg_sq.";

    /// <summary>Weights of the best epoch, <see cref="Loss.LossMode.BestBy"/>.</summary>
    public string Best => Path.Combine(folder, "best.safetensors");

    /// <summary>Weights of the last checkpoint.</summary>
    public string Last => Path.Combine(folder, "last.safetensors");

    /// <summary>Optimizer moments and position of the last checkpoint.</summary>
    public string State => Path.Combine(folder, "last.state");

    private string NextLast => Last + ".next";

    private string NextState => State + ".next";

    /// <summary>Writes the pair.</summary>
    public void Save(ParameterSet parameters, VectorPredictorConfig config, RunState state)
    {
        var step = new Dictionary<string, string> { [StepKey] = state.Step.ToString() };
        WeightsFile.Save(NextLast, parameters, config, step);
        SafetensorsWriter.Write(
            NextState, [.. Moments(parameters)], new Dictionary<string, string>(step) { [StateKey] = state.ToJson() });
        File.Move(NextState, State, overwrite: true);
        File.Move(NextLast, Last, overwrite: true);
    }

    /// <summary>Writes the best weights so far.</summary>
    public void SaveBest(ParameterSet parameters, VectorPredictorConfig config, long step, int epoch) =>
        WeightsFile.Save(Best, parameters, config, new Dictionary<string, string> { [StepKey] = step.ToString(), ["epoch"] = epoch.ToString() });

    /// <summary>Reads the pair into <paramref name="parameters"/>.</summary>
    /// <exception cref="InputException">There is no checkpoint, or the two files do not belong together.</exception>
    /// <exception cref="ModelException">A file is damaged or of other dimensions.</exception>
    public RunState Load(ParameterSet parameters)
    {
        if (!File.Exists(State))
            throw new InputException($"{folder}: no checkpoint to resume from (last.state is missing); start the run again with another --output-dir.");
        using SafetensorsFile state = SafetensorsFile.Open(State);
        RunState result = ReadState(state);
        CompleteCommit(result.Step);
        WeightsFile.Load(Last, parameters);
        foreach (ParameterEntry entry in parameters.Layout.Entries)
        {
            Read(state, FirstMomentPrefix + entry.Name, entry, parameters.Device, parameters.FirstMoment);
            Read(state, SecondMomentPrefix + entry.Name, entry, parameters.Device, parameters.SecondMoment);
        }

        return result;
    }

    private static IEnumerable<SafetensorsSource> Moments(ParameterSet parameters)
    {
        foreach (ParameterEntry entry in parameters.Layout.Entries)
        {
            yield return Source(FirstMomentPrefix, parameters.FirstMoment);
            yield return Source(SecondMomentPrefix, parameters.SecondMoment);

            SafetensorsSource Source(string prefix, View flat) => SafetensorsSource.FromDevice(
                prefix + entry.Name, entry.Shape, parameters.Device, flat.Slice(entry.Offset, entry.Length));
        }
    }

    private static void Read(SafetensorsFile file, string name, ParameterEntry entry, Device device, View flat)
    {
        if (!file.Contains(name) || file[name].Length != entry.Length)
            throw new InputException($"{file.Path}: {name} is missing or not of {entry.Length} elements; the state belongs to another model.");
        var values = new float[entry.Length];
        file.Read(name, 0, values);
        device.Upload(values, flat.Slice(entry.Offset, entry.Length));
    }

    private RunState ReadState(SafetensorsFile state)
    {
        try
        {
            return RunState.FromJson(state.Metadata[StateKey]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            throw new InputException($"{State}: its metadata hold no readable {StateKey}; the file was not written by train.", e);
        }
    }

    private void CompleteCommit(long step)
    {
        if (StepOf(Last) == step) return;
        if (StepOf(NextLast) != step)
            throw new InputException($"{folder}: last.state is of step {step} but last.safetensors is not; copy both from the same checkpoint.");
        File.Move(NextLast, Last, overwrite: true);
    }

    private static long? StepOf(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            return file.Metadata.TryGetValue(StepKey, out string? text) && long.TryParse(text, out long step) ? step : null;
        }
        catch (SafetensorsException) when (path.EndsWith(".next", StringComparison.Ordinal))
        {
            return null;
        }
    }
}
