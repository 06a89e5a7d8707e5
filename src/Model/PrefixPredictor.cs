namespace P6bNative.Model;

/// <summary>
/// Runs a trained transformer on contexts that share beginnings, and computes each beginning once: both attentions are causal, so what the
/// layers make of a position depends on nothing behind it. Keys and values of earlier contexts are kept until there is no more room, so later
/// calls go on from them. On the host the result has the bits of <see cref="Predictor"/>.
/// </summary>
public sealed class PrefixPredictor : IPredictor
{
    private readonly VectorPredictorConfig _config;
    private readonly PrefixTree _tree;
    private readonly PrefixLayers _layers;
    private readonly int[] _placesDone;
    private readonly int[] _prefixesDone;
    private int _vectorsDone;

    /// <summary>Allocates the memory.</summary>
    /// <param name="model">The model.</param>
    /// <param name="parameters">Its weights; they must not change while this lives.</param>
    /// <param name="batchSize">Positions computed at once.</param>
    /// <param name="prefixes">Most beginnings of one length that are kept.</param>
    /// <param name="vectors">Most vectors at one position that are kept; each takes several times the memory of a beginning.</param>
    public PrefixPredictor(TransformerVectorPredictor model, ParameterSet parameters, int batchSize, int prefixes, int vectors)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(prefixes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(vectors, 1);
        _config = model.Config;
        _tree = new PrefixTree(_config.ContextLength, _config.InputDimension, prefixes, vectors);
        _layers = new PrefixLayers(_config, parameters, _tree, batchSize);
        _placesDone = new int[_config.ContextLength];
        _prefixesDone = new int[_config.ContextLength];
    }

    /// <summary>Positions computed so far, each of them a new beginning of a context: what the sharing leaves of T for each context.</summary>
    public long PositionsComputed { get; private set; }

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<float> contexts, int count, Span<float> raw)
    {
        int length = _config.ContextLength * _config.InputDimension, dimension = _config.InputDimension;
        Predictor.RequireLengths(contexts, count, raw, length, dimension);
        var whole = new List<int>(Math.Min(count, _tree.MostPrefixes));
        for (int start = 0; start < count; start += whole.Count)
        {
            int left = Math.Min(_tree.MostPrefixes, count - start);
            if (!_tree.HasRoomFor(left))
                Clear();
            whole.Clear();
            while (whole.Count < left && _tree.TryAdd(contexts.Slice((start + whole.Count) * length, length), out int context))
                whole.Add(context);
            if (whole.Count == 0)
            {
                Clear();
                continue;
            }

            Compute();
            float[] results = _layers.Results(_tree.At(_config.ContextLength - 1).Prefixes);
            for (int i = 0; i < whole.Count; i++)
                results.AsSpan(whole[i] * dimension, dimension).CopyTo(raw[((start + i) * dimension)..]);
            _tree.ForgetContexts();
            _prefixesDone[^1] = 0;
        }
    }

    /// <summary>Returns the memory to the device; the parameters stay.</summary>
    public void Dispose() => _layers.Dispose();

    private void Clear()
    {
        _tree.Clear();
        _vectorsDone = 0;
        Array.Clear(_placesDone);
        Array.Clear(_prefixesDone);
    }

    private void Compute()
    {
        _layers.EmbedVectors(_vectorsDone, _tree.Vectors);
        _vectorsDone = _tree.Vectors;
        for (int at = 0; at < _config.ContextLength; at++)
        {
            PrefixTree.Position position = _tree.At(at);
            _layers.RunPlaces(at, _placesDone[at], position.Places);
            _layers.RunPrefixes(at, _prefixesDone[at], position.Prefixes);
            PositionsComputed += position.Prefixes - _prefixesDone[at];
            (_placesDone[at], _prefixesDone[at]) = (position.Places, position.Prefixes);
        }
    }
}
