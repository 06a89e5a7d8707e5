using System.Collections.Immutable;
using System.Numerics.Tensors;
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
/// <param name="InArticle">Ranks of the targets in their articles; NaN where the file is not an article store.</param>
/// <param name="CopyLastInArticle">The same of the last context taken as the output: what a model has to beat to be of use.</param>
internal readonly record struct EvaluationResult(
    double Loss, double Cosine, ImmutableArray<double> Margins, Mini5CatResult Mini5Cat, RetrievalResult InArticle, RetrievalResult CopyLastInArticle);

/// <summary>Runs the model without dropout or noise over the validation windows, in file order.</summary>
internal sealed class Evaluator : IDisposable
{
    private readonly ReadOnlyMemory<int> _windows;
    private readonly BatchLoader _loader;
    private readonly ValidationMetrics _metrics;
    private readonly Mini5Cat _mini5Cat;
    private readonly InArticleRetrieval? _inArticle;
    private readonly InArticleRetrieval? _copyLast;
    private readonly double[] _lastContext;
    private bool _copyLastIsKnown;
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
        if (set is ArticleStore store)
        {
            _inArticle = new InArticleRetrieval(store, windows.Length);
            _copyLast = new InArticleRetrieval(store, windows.Length);
        }

        _full = new BatchTape(device, model, parameters, rows, TapeMode.Inference, rawOnHost: _inArticle is not null);
        if (windows.Length % rows > 0)
            _partial = new BatchTape(device, model, parameters, windows.Length % rows, TapeMode.Inference, rawOnHost: _inArticle is not null);
        _metrics = new ValidationMetrics(config.InputDimension, config.ContextLength);
        _mini5Cat = new Mini5Cat(config.ContextLength);
        _lastContext = new double[_dimension];
        _contexts = new float[rows * _contextSize];
        _targets = new float[rows * _dimension];
    }

    /// <summary>Evaluates every window.</summary>
    public EvaluationResult Run()
    {
        _metrics.Reset();
        _mini5Cat.Reset();
        _inArticle?.Reset();
        int batches = _loader.BatchCount(_windows.Length);
        for (int b = 0; b < batches; b++)
        {
            int rows = _loader.Fill(_windows.Span, b, _contexts, _targets);
            BatchTape tape = rows == _full.Rows ? _full : _partial!;
            ReadOnlySpan<double> statistics = tape.Forward(_contexts.AsSpan(0, rows * _contextSize), _targets.AsSpan(0, rows * _dimension));
            _metrics.Add(statistics, rows);
            _mini5Cat.Add(statistics, rows);
            if (_inArticle is not null) Rank(_windows.Span.Slice(b * _loader.BatchSize, rows), tape);
        }

        _copyLastIsKnown = true;

        return new EvaluationResult(
            _metrics.Loss, _metrics.Cosine, _metrics.Margins, _mini5Cat.Result,
            _inArticle?.Result ?? RetrievalResult.None, _copyLast?.Result ?? RetrievalResult.None);
    }

    /// <summary>The last context ranks alike in every epoch: one pass is enough for it.</summary>
    private void Rank(ReadOnlySpan<int> sequences, BatchTape tape)
    {
        _inArticle!.Add(sequences, tape.ReadRaw());
        for (int row = 0; row < sequences.Length && !_copyLastIsKnown; row++)
        {
            TensorPrimitives.ConvertChecked<float, double>(_contexts.AsSpan((row + 1) * _contextSize - _dimension, _dimension), _lastContext);
            _copyLast!.Add(sequences.Slice(row, 1), _lastContext);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _full.Dispose();
        _partial?.Dispose();
    }
}
