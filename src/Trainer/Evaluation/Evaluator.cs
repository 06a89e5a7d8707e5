using System.Collections.Immutable;
using P6bNative.Autograd;
using P6bNative.Kernels.Devices;
using P6bNative.Model;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Evaluation;

/// <summary>Result of one pass over the validation windows.</summary>
/// <param name="Loss">Mean over batches of MSE(cos output, target).</param>
/// <param name="Cosine">Mean over batches of the cosine to the target.</param>
/// <param name="Margins">Mean over windows of p·target − p·ctx[i], a slot each.</param>
/// <param name="Mini5Cat">Margin and R@5 of the first ten batches.</param>
internal readonly record struct EvaluationResult(double Loss, double Cosine, ImmutableArray<double> Margins, Mini5CatResult Mini5Cat);

/// <summary>Runs the model without dropout or noise over the validation windows, in file order.</summary>
internal sealed class Evaluator : IDisposable
{
    private readonly ReadOnlyMemory<int> _windows;
    private readonly BatchLoader _loader;
    private readonly ValidationMetrics _metrics;
    private readonly Mini5Cat _mini5Cat;
    private readonly float[] _contexts;
    private readonly float[] _targets;
    private readonly BatchTape _full;
    private readonly BatchTape? _partial;
    private readonly int _contextSize;
    private readonly int _dimension;

    public Evaluator(
        Device device, IVectorPredictor model, ParameterSet parameters, ISequenceSet set, ReadOnlyMemory<int> windows, int batchSize)
    {
        _windows = windows;
        _loader = new BatchLoader(set, batchSize);
        VectorPredictorConfig config = model.Config;
        _dimension = config.InputDimension;
        _contextSize = config.ContextLength * _dimension;
        int rows = Math.Min(batchSize, windows.Length);
        _full = new BatchTape(device, model, parameters, rows, TapeMode.Inference);
        if (windows.Length % rows > 0) _partial = new BatchTape(device, model, parameters, windows.Length % rows, TapeMode.Inference);
        _metrics = new ValidationMetrics(config.InputDimension, config.ContextLength);
        _mini5Cat = new Mini5Cat(config.ContextLength);
        _contexts = new float[rows * _contextSize];
        _targets = new float[rows * _dimension];
    }

    /// <summary>Evaluates every window.</summary>
    public EvaluationResult Run()
    {
        _metrics.Reset();
        _mini5Cat.Reset();
        int batches = _loader.BatchCount(_windows.Length);
        for (int b = 0; b < batches; b++)
        {
            int rows = _loader.Fill(_windows.Span, b, _contexts, _targets);
            BatchTape tape = rows == _full.Rows ? _full : _partial!;
            ReadOnlySpan<double> statistics = tape.Forward(_contexts.AsSpan(0, rows * _contextSize), _targets.AsSpan(0, rows * _dimension));
            _metrics.Add(statistics, rows);
            _mini5Cat.Add(statistics, rows);
        }

        return new EvaluationResult(_metrics.Loss, _metrics.Cosine, _metrics.Margins, _mini5Cat.Result);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _full.Dispose();
        _partial?.Dispose();
    }
}
