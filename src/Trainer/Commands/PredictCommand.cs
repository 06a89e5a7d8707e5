using P6bNative.Kernels.Devices;
using P6bNative.Model;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Commands;

/// <summary>The verb <c>predict</c>: raw and normalised predictions of every window, in file order.</summary>
internal static class PredictCommand
{
    public static int Run(PredictOptions options, ConsoleContext console)
    {
        if (options.BatchSize is < 1 or > 65536) throw new InputException($"--batch-size {options.BatchSize}: must be 1 .. 65536.");
        if (options.Out.Length == 0) throw new InputException("--out: must be the name of a file.");
        if (options.TargetOffset is not (0 or 1)) throw new InputException($"--target-offset {options.TargetOffset}: must be 0 or 1.");
        using SafetensorsFile weights = SafetensorsFile.Open(options.Model);
        IVectorPredictor model = VectorPredictors.Open(weights);
        VectorPredictorConfig config = model.Config;
        using ISequenceSet data = SequenceSet.Open(options.Data, options.TargetOffset);
        if (data.Dimension != config.InputDimension)
        {
            throw new InputException(
                $"{options.Data}: vectors have dimension {data.Dimension}, but {options.Model} predicts {config.InputDimension}; both must agree.");
        }

        if (config.ContextLength != data.ContextLength)
            throw new InputException($"{options.Model}: reads {config.ContextLength} context vectors; the data have {data.ContextLength}.");

        using Device device = TrainingSetup.OpenDevice(options.Device, options.Threads);
        using var parameters = new ParameterSet(device, model.Layout, training: false);
        WeightsFile.Load(options.Model, parameters);
        using var predictor = new Predictor(model, parameters, options.BatchSize);
        using var output = new NpzWriter(options.Out);

        // Two passes keep the memory at one batch: an .npz holds its arrays one after the other.
        WritePredictions(output, "raw", data, predictor, options.BatchSize, normalise: false);
        WritePredictions(output, "cos", data, predictor, options.BatchSize, normalise: true);
        output.Complete();
        console.Output.WriteLine($"{data.Count:N0} predictions of dimension {data.Dimension} written to {options.Out} (arrays raw, cos)");
        return ExitCode.Done;
    }

    private static void WritePredictions(NpzWriter output, string name, ISequenceSet data, Predictor predictor, int batchSize, bool normalise)
    {
        int dimension = data.Dimension;
        int contextSize = data.ContextLength * dimension;
        var contexts = new float[batchSize * contextSize];
        var raw = new float[batchSize * dimension];
        using NpyRowWriter rows = output.Add(name, data.Count, dimension);
        for (int first = 0; first < data.Count; first += batchSize)
        {
            int count = Math.Min(batchSize, data.Count - first);
            for (int i = 0; i < count; i++) data.CopyContext(first + i, contexts.AsSpan(i * contextSize, contextSize));
            predictor.Predict(contexts.AsSpan(0, count * contextSize), count, raw.AsSpan(0, count * dimension));
            if (normalise)
            {
                for (int i = 0; i < count; i++) Normalise(raw.AsSpan(i * dimension, dimension));
            }

            rows.Write(raw.AsSpan(0, count * dimension));
        }
    }

    /// <summary>v / max(‖v‖, 1e-12), as the model's second output.</summary>
    private static void Normalise(Span<float> vector)
    {
        double squares = 0;
        foreach (float v in vector) squares += (double)v * v;
        double norm = Math.Max(Math.Sqrt(squares), 1e-12);
        for (int i = 0; i < vector.Length; i++) vector[i] = (float)(vector[i] / norm);
    }
}
