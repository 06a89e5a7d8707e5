using P6bNative.Autograd;

namespace P6bNative.Model;

/// <summary>Runs a trained model on batches of contexts, without dropout. Its memory is planned once; predictions allocate nothing.</summary>
public sealed class Predictor : IPredictor
{
    private readonly int _batchSize;
    private readonly Tape _tape;
    private readonly Tensor _context;
    private readonly Tensor _raw;
    private readonly float[] _zeros;

    /// <summary>Prepares predictions.</summary>
    /// <param name="model">The model.</param>
    /// <param name="parameters">Its weights; read at every prediction, so training may go on between them.</param>
    /// <param name="batchSize">Samples computed at once.</param>
    public Predictor(IVectorPredictor model, ParameterSet parameters, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        _batchSize = batchSize;
        _tape = new Tape(parameters.Device, TapeMode.Inference);
        _context = _tape.Input("context", batchSize * model.Config.ContextLength, model.Config.InputDimension);
        _raw = model.Record(_tape, parameters, _context);
        _tape.Output(_raw);
        _tape.Seal();
        _zeros = new float[_context.Length];
    }

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<float> contexts, int count, Span<float> raw)
    {
        int contextLength = _zeros.Length / _batchSize;
        int dimension = _raw.Columns;
        RequireLengths(contexts, count, raw, contextLength, dimension);
        for (int start = 0; start < count; start += _batchSize)
        {
            int samples = Math.Min(_batchSize, count - start);
            Upload(contexts.Slice(start * contextLength, samples * contextLength));
            _tape.Forward();
            _tape.Device.Download(_raw.Value.SliceRows(0, samples).Data, raw.Slice(start * dimension, samples * dimension));
        }
    }

    /// <summary>Returns the memory to the device; the parameters stay.</summary>
    public void Dispose() => _tape.Dispose();

    /// <summary>Checks the spans of <see cref="IPredictor.Predict"/>.</summary>
    /// <exception cref="ArgumentException">One has another length.</exception>
    internal static void RequireLengths(ReadOnlySpan<float> contexts, int count, Span<float> raw, int contextLength, int dimension)
    {
        if (contexts.Length == (long)count * contextLength && raw.Length == (long)count * dimension)
            return;
        throw new ArgumentException(
            $"{count} samples need {(long)count * contextLength} numbers of context and {(long)count * dimension} of result, "
            + $"not {contexts.Length} and {raw.Length}.");
    }

    private void Upload(ReadOnlySpan<float> contexts)
    {
        _tape.Device.Upload(contexts, _context.Value.Data.Slice(0, contexts.Length));
        if (contexts.Length < _zeros.Length)
            _tape.Device.Upload(_zeros.AsSpan(contexts.Length), _context.Value.Data.Slice(contexts.Length, _zeros.Length - contexts.Length));
    }
}
