using System.Numerics.Tensors;
using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>
/// Runs models and baselines over the chosen samples of a split, in blocks: the vectors of a block are read once, all contexts it needs
/// (intact, changed, and the steps of the rollout) are predicted in large batches, and only numbers per sample are kept.
/// </summary>
internal sealed class SplitScoring
{
    private const int Slots = SampleBlock.Slots;
    private const int BlockSize = 128;

    /// <summary>Contexts of a block, those of a rollout of five steps included.</summary>
    public const int ContextsOfBlock = BlockSize * (Ablations.Count + 4);

    /// <summary>Different vectors of a block and of its rollouts, as far as its windows overlap.</summary>
    public const int VectorsOfBlock = BlockSize * 6;

    private readonly FiveCatSplit _split;
    private readonly SampleChoice _choice;
    private readonly int _horizon;
    private readonly ParallelOptions _parallel;
    private readonly int _dimension;
    private readonly Ablations _ablations;
    private readonly HashSet<int> _ablated;
    private readonly HashSet<int> _rolledOut;
    private readonly Dictionary<int, int> _correctedIndex;
    private readonly float[] _targets;
    // All contexts of a block, the same for every source that is not asked for intact ones only; and one for each sample, written for each source.
    private readonly ContextBatch _changed;
    private readonly ContextBatch _single;
    private readonly float[] _raw;
    private readonly double[] _predictions;
    private readonly double[] _norms;
    private readonly double[] _firstSteps;

    /// <summary>Prepares a split.</summary>
    /// <param name="split">The split.</param>
    /// <param name="choice">Its samples.</param>
    /// <param name="horizon">Steps of a rollout.</param>
    /// <param name="threads">Threads of the host's part; 0 = one per core. The result does not depend on it.</param>
    public SplitScoring(FiveCatSplit split, SampleChoice choice, int horizon, int threads)
    {
        (_split, _choice, _horizon, _dimension) = (split, choice, horizon, split.Set.Dimension);
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads == 0 ? Environment.ProcessorCount : threads };
        _ablations = new Ablations(choice.All[^1] + 1);
        _ablated = [.. choice.Leading, .. choice.Corrected];
        _rolledOut = [.. choice.Rollout, .. choice.Corrected];
        _correctedIndex = choice.Corrected.Select((sample, index) => (sample, index)).ToDictionary(p => p.sample, p => p.index);
        _targets = new float[choice.Corrected.Length * _dimension];
        _changed = new ContextBatch(BlockSize * Ablations.Count, _dimension);
        _single = new ContextBatch(BlockSize, _dimension);
        _raw = new float[BlockSize * Ablations.Count * _dimension];
        _predictions = new double[_raw.Length];
        _norms = new double[BlockSize * Ablations.Count];
        _firstSteps = new double[BlockSize * _dimension];
        PoolSizes = new int[choice.All.Length];
        PoolSizesWithoutContexts = new int[choice.All.Length];
        Coherence = new double[choice.All.Length];
        TargetToLast = new double[choice.All.Length];
    }

    /// <summary>Rows of each sample's article, the target included.</summary>
    public int[] PoolSizes { get; }

    /// <summary>The same, the context vectors left out.</summary>
    public int[] PoolSizesWithoutContexts { get; }

    /// <summary>Mean cosine between neighbours in the context.</summary>
    public double[] Coherence { get; }

    /// <summary>Cosine of the target to ctx[4].</summary>
    public double[] TargetToLast { get; }

    /// <summary>Scores every source on every sample.</summary>
    /// <param name="sources">What to judge.</param>
    /// <param name="progress">Called with the number of samples done.</param>
    /// <exception cref="InputException">A prediction is not finite, or the files do not belong together.</exception>
    public SampleScores[] Run(IReadOnlyList<JudgedSource> sources, Action<int> progress)
    {
        SampleScores[] scores = [.. sources.Select(_ => new SampleScores(_choice, _horizon, _dimension))];
        for (int first = 0; first < _choice.All.Length; first += BlockSize)
        {
            int count = Math.Min(BlockSize, _choice.All.Length - first);
            var block = new SampleBlock(_split, _choice.All.AsMemory(first, count), _parallel);
            KeepFacts(block, first);
            Ask(block, _changed, intactOnly: false);
            for (int s = 0; s < sources.Count; s++) Score(block, first, sources[s], scores[s]);
            progress(first + count);
        }

        foreach (SampleScores of in scores) ScoreCrossArticle(of);
        return scores;
    }

    /// <summary>Scores corrections of raw predictions on the corrected samples; nothing is predicted again.</summary>
    /// <param name="corrections">Each correction and the predictions that it corrects, <see cref="SampleScores.Raw"/>.</param>
    /// <exception cref="InputException">The files do not belong together.</exception>
    public IntactScores[] Correct(IReadOnlyList<(PostHoc PostHoc, float[] Raw)> corrections)
    {
        IntactScores[] scores = [.. corrections.Select(_ => new IntactScores(_choice.All.Length))];
        for (int first = 0; first < _choice.Corrected.Length; first += BlockSize)
        {
            int start = first, count = Math.Min(BlockSize, _choice.Corrected.Length - first);
            var block = new SampleBlock(_split, _choice.Corrected.AsMemory(first, count), _parallel);
            Parallel.For(0, count, _parallel, i =>
            {
                var prediction = new double[_dimension];
                for (int c = 0; c < corrections.Count; c++)
                {
                    TensorPrimitives.ConvertChecked(corrections[c].Raw.AsSpan((start + i) * _dimension, _dimension), prediction);
                    corrections[c].PostHoc.Apply(block, i, prediction);
                    double norm = UnitVectors.NormalizeOutput(prediction);
                    scores[c].Add(block, i, _choice.CorrectedInAll[start + i], prediction, norm);
                }
            });
        }

        return scores;
    }

    private void KeepFacts(SampleBlock block, int first)
    {
        for (int i = 0; i < block.Count; i++)
        {
            PoolSizes[first + i] = block.RowCount(i);
            PoolSizesWithoutContexts[first + i] = block.IsContext[i].Count(isContext => !isContext);
            Coherence[first + i] = block.Coherence[i];
            TargetToLast[first + i] = TensorPrimitives.Dot(block.Target(i), block.Context(i, Slots - 1));
            if (_correctedIndex.TryGetValue(block.Samples.Span[i], out int index))
                TensorPrimitives.ConvertTruncating(block.Target(i), _targets.AsSpan(index * _dimension, _dimension));
        }
    }

    private void Score(SampleBlock block, int first, JudgedSource source, SampleScores scores)
    {
        if (source.IntactOnly) Ask(block, _single, intactOnly: true);
        ContextBatch asked = source.IntactOnly ? _single : _changed;
        Predict(source.Source, block, asked);
        Parallel.For(0, asked.Count, _parallel, r =>
        {
            (int i, Ablation ablation) = asked.Requests[r];
            ReadOnlySpan<double> prediction = Prediction(r);
            if (ablation != Ablation.Intact)
            {
                scores.Cosine[(int)ablation][first + i] = TensorPrimitives.Dot(prediction, block.Target(i));
                return;
            }

            scores.Intact.Add(block, i, first + i, prediction, _norms[r]);
            prediction.CopyTo(_firstSteps.AsSpan(i * _dimension));
            // The leading samples are the first of all samples, so those of mini-5CAT have the same index.
            if (first + i < _choice.Mini.Length)
                WriteMini(block, i, prediction, scores.MiniStatistics.AsSpan((first + i) * LossStatistics.Columns(Slots)));
            if (_correctedIndex.TryGetValue(block.Samples.Span[i], out int index))
                _raw.AsSpan(r * _dimension, _dimension).CopyTo(scores.Raw.AsSpan(index * _dimension));
        });
        if (!source.IntactOnly) RollOut(block, first, source.Source, scores);
    }

    private void Ask(SampleBlock block, ContextBatch batch, bool intactOnly)
    {
        batch.Clear();
        for (int i = 0; i < block.Count; i++)
        {
            int sample = block.Samples.Span[i];
            if (intactOnly && !_correctedIndex.ContainsKey(sample)) continue;
            int last = !intactOnly && _ablated.Contains(sample) ? Ablations.Count : 1;
            for (int ablation = 0; ablation < last; ablation++) batch.Add(i, (Ablation)ablation);
        }

        Write(block, batch);
    }

    private void Write(SampleBlock block, ContextBatch batch) => Parallel.For(0, batch.Count, _parallel, r => WriteRequest(block, batch, r));

    private void WriteRequest(SampleBlock block, ContextBatch batch, int request)
    {
        (int i, Ablation ablation) = batch.Requests[request];
        Span<int> slots = stackalloc int[Slots];
        _ablations.Fill(ablation, block.Samples.Span[i], slots);
        Span<float> context = batch.Context(request);
        for (int place = 0; place < Slots; place++) Round(block.Context(i, slots[place]), context.Slice(place * _dimension, _dimension));
        Round(block.Target(i), batch.Truth(request));
    }

    private static void WriteMini(SampleBlock block, int i, ReadOnlySpan<double> prediction, Span<double> statistics)
    {
        statistics[LossStatistics.RawSquared] = TensorPrimitives.SumOfSquares(prediction);
        statistics[LossStatistics.RawTarget] = TensorPrimitives.Dot(prediction, block.Target(i)) * block.StoredTargetNorms[i];
        for (int slot = 0; slot < Slots; slot++)
            statistics[LossStatistics.RawContext(slot)] = TensorPrimitives.Dot(prediction, block.Context(i, slot)) * block.StoredContextNorms[i * Slots + slot];
    }

    // Step 1 has been predicted; each further one sees a window that ends in the predictions so far.
    private void RollOut(SampleBlock block, int first, IPredictionSource source, SampleScores scores)
    {
        _single.Clear();
        for (int i = 0; i < block.Count; i++)
        {
            if (!_rolledOut.Contains(block.Samples.Span[i]) || block.Position(i) + _horizon - 1 >= block.RowCount(i)) continue;
            _firstSteps.AsSpan(i * _dimension, _dimension).CopyTo(Prediction(_single.Count));
            _single.Add(i, Ablation.Intact);
        }

        Write(block, _single);
        for (int h = 1; _single.Count > 0; h++)
        {
            for (int r = 0; r < _single.Count; r++) ScoreStep(block, _single.Requests[r].Index, first, h, Prediction(r), scores);
            if (h == _horizon) return;
            for (int r = 0; r < _single.Count; r++)
            {
                int i = _single.Requests[r].Index;
                Span<float> context = _single.Context(r);
                context[_dimension..].CopyTo(context);
                Round(Prediction(r), context[^_dimension..]);
                Round(block.Row(i, block.Position(i) + h), _single.Truth(r));
            }

            Predict(source, block, _single);
        }
    }

    private static void ScoreStep(SampleBlock block, int i, int first, int h, ReadOnlySpan<double> prediction, SampleScores scores)
    {
        int aligned = block.Position(i) + h - 1;
        scores.RolloutAligned[h - 1][first + i] = TensorPrimitives.Dot(prediction, block.Row(i, aligned));
        if (aligned + 1 < block.RowCount(i)) scores.RolloutNext[h - 1][first + i] = TensorPrimitives.Dot(prediction, block.Row(i, aligned + 1));
    }

    private Span<double> Prediction(int request) => _predictions.AsSpan(request * _dimension, _dimension);

    /// <summary>Predicts a batch and normalises; keeps the lengths, too.</summary>
    private void Predict(IPredictionSource source, SampleBlock block, ContextBatch batch)
    {
        int count = batch.Count;
        if (count == 0) return;
        source.Predict(batch.Contexts, batch.Truths, count, _raw.AsSpan(0, count * _dimension));
        Parallel.For(0, count, _parallel, r =>
        {
            TensorPrimitives.ConvertChecked<float, double>(_raw.AsSpan(r * _dimension, _dimension), Prediction(r));
            _norms[r] = UnitVectors.NormalizeOutput(Prediction(r));
        });
        for (int r = 0; r < count; r++)
        {
            if (double.IsFinite(_norms[r])) continue;
            int sequence = _split.SequenceOf(block.Samples.Span[batch.Requests[r].Index]);
            throw new InputException($"a prediction for sequence {sequence} of {_split.Set.Path} is not finite; the weights have diverged.");
        }
    }

    private void ScoreCrossArticle(SampleScores scores)
    {
        var prediction = new double[_dimension];
        for (int index = 0; index < _choice.Corrected.Length; index++)
        {
            int partner = _choice.Partners[index];
            if (partner < 0) continue;
            TensorPrimitives.ConvertChecked<float, double>(scores.Raw.AsSpan(partner * _dimension, _dimension), prediction);
            UnitVectors.NormalizeOutput(prediction);
            double dot = 0;
            for (int c = 0; c < _dimension; c++) dot += prediction[c] * _targets[index * _dimension + c];
            scores.CrossArticle[index] = dot;
        }
    }

    private static void Round(ReadOnlySpan<double> source, Span<float> destination) => TensorPrimitives.ConvertTruncating(source, destination);
}
