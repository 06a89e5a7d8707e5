namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>What a source is asked for at once: contexts of samples of a block, and the vectors that would be right.</summary>
internal sealed class ContextBatch
{
    private readonly int _dimension;
    private readonly float[] _contexts;
    private readonly float[] _truths;
    private readonly List<(int Index, Ablation Ablation)> _requests = [];

    /// <summary>Makes room.</summary>
    /// <param name="most">Most contexts.</param>
    /// <param name="dimension">D.</param>
    public ContextBatch(int most, int dimension)
    {
        _dimension = dimension;
        _contexts = new float[most * SampleBlock.Slots * dimension];
        _truths = new float[most * dimension];
    }

    /// <summary>For each context the index of its sample in the block, and its change.</summary>
    public IReadOnlyList<(int Index, Ablation Ablation)> Requests => _requests;

    /// <summary>Number of contexts.</summary>
    public int Count => _requests.Count;

    /// <summary>All contexts, T·D numbers each.</summary>
    public ReadOnlySpan<float> Contexts => _contexts.AsSpan(0, Count * SampleBlock.Slots * _dimension);

    /// <summary>All vectors that would be right, D numbers each.</summary>
    public ReadOnlySpan<float> Truths => _truths.AsSpan(0, Count * _dimension);

    /// <summary>T·D numbers to be written.</summary>
    public Span<float> Context(int request) => _contexts.AsSpan(request * SampleBlock.Slots * _dimension, SampleBlock.Slots * _dimension);

    /// <summary>D numbers to be written.</summary>
    public Span<float> Truth(int request) => _truths.AsSpan(request * _dimension, _dimension);

    /// <summary>Asks for one more; its numbers are still those of an earlier batch.</summary>
    public void Add(int index, Ablation ablation) => _requests.Add((index, ablation));

    /// <summary>Asks for nothing.</summary>
    public void Clear() => _requests.Clear();
}
