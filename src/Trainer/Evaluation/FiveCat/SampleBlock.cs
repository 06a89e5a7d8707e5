using System.Numerics.Tensors;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>The vectors that some samples of a split are judged with, normalised, in double precision.</summary>
internal sealed class SampleBlock
{
    /// <summary>A row is one of the context vectors when its cosine to it is at least this; float16 copies are within 1e-7 of 1.</summary>
    public const double SameVector = 1 - 1e-5;

    /// <summary>Context vectors of a sample.</summary>
    public const int Slots = SequenceSet.ContextLength;

    /// <summary>A target and its row in the store are the same vector; anything else means files that do not belong together.</summary>
    private const double SmallestTargetCosine = 0.99;


    private readonly FiveCatSplit _split;
    private readonly double[] _contexts;
    private readonly double[] _targets;
    private readonly Dictionary<int, double[]> _articles;

    /// <summary>Reads the vectors.</summary>
    /// <param name="split">The split.</param>
    /// <param name="samples">Samples of it.</param>
    /// <param name="parallel">Threads.</param>
    /// <exception cref="InputException">A target is another vector than its row in the store.</exception>
    public SampleBlock(FiveCatSplit split, ReadOnlyMemory<int> samples, ParallelOptions parallel)
    {
        _split = split;
        Samples = samples;
        Dimension = split.Set.Dimension;
        _contexts = new double[Count * Slots * Dimension];
        _targets = new double[Count * Dimension];
        StoredContextNorms = new double[Count * Slots];
        StoredTargetNorms = new double[Count];
        Coherence = new double[Count];
        IsContext = new bool[Count][];
        _articles = samples.ToArray().Select(split.ArticleOf).Distinct().ToDictionary(article => article, _ => Array.Empty<double>());
        Parallel.ForEach(_articles.Keys.ToArray(), parallel, article => _articles[article] = ReadArticle(article));
        Parallel.For(0, Count, parallel, Read);
        for (int i = 0; i < Count; i++) RequireSameTarget(i);
    }

    /// <summary>Sample numbers of the split.</summary>
    public ReadOnlyMemory<int> Samples { get; }

    /// <summary>Number of samples.</summary>
    public int Count => Samples.Length;

    /// <summary>D.</summary>
    public int Dimension { get; }

    /// <summary>Norms of the context vectors as stored, five for each sample.</summary>
    public double[] StoredContextNorms { get; }

    /// <summary>Norms of the targets as stored.</summary>
    public double[] StoredTargetNorms { get; }

    /// <summary>Mean of the four cosines between neighbours in the context, for each sample.</summary>
    public double[] Coherence { get; }

    /// <summary>For each sample and each row of its article, whether it is one of the context vectors; never the target's row.</summary>
    public bool[][] IsContext { get; }

    /// <summary>A context vector.</summary>
    public ReadOnlySpan<double> Context(int i, int slot) => _contexts.AsSpan((i * Slots + slot) * Dimension, Dimension);

    /// <summary>The target as the sequence file has it.</summary>
    public ReadOnlySpan<double> Target(int i) => _targets.AsSpan(i * Dimension, Dimension);

    /// <summary>Number of rows of the target's article.</summary>
    public int RowCount(int i) => IsContext[i].Length;

    /// <summary>A row of the target's article.</summary>
    public ReadOnlySpan<double> Row(int i, int position) =>
        _articles[_split.ArticleOf(Samples.Span[i])].AsSpan(position * Dimension, Dimension);

    /// <summary>The place of the target in its article.</summary>
    public int Position(int i) => _split.PositionOf(Samples.Span[i]);

    private double[] ReadArticle(int article)
    {
        ReadOnlySpan<int> rows = _split.Store.RowsOf(article);
        var vectors = new double[(long)rows.Length * Dimension];
        var row = new float[Dimension];
        for (int i = 0; i < rows.Length; i++)
        {
            _split.Store.CopyRow(rows[i], row);
            UnitVectors.Normalize(row, vectors.AsSpan(i * Dimension, Dimension), Dimension);
        }

        return vectors;
    }

    private void Read(int i)
    {
        int sequence = _split.SequenceOf(Samples.Span[i]);
        var stored = new float[Slots * Dimension];
        _split.Set.CopyTarget(sequence, stored);
        StoredTargetNorms[i] = Norm(stored.AsSpan(0, Dimension));
        UnitVectors.Normalize(stored.AsSpan(0, Dimension), _targets.AsSpan(i * Dimension, Dimension), Dimension);
        _split.Set.CopyContext(sequence, stored);
        UnitVectors.Normalize(stored, _contexts.AsSpan(i * Slots * Dimension, Slots * Dimension), Dimension);
        for (int slot = 0; slot < Slots; slot++) StoredContextNorms[i * Slots + slot] = Norm(stored.AsSpan(slot * Dimension, Dimension));
        for (int slot = 1; slot < Slots; slot++) Coherence[i] += TensorPrimitives.Dot(Context(i, slot - 1), Context(i, slot)) / (Slots - 1);

        IsContext[i] = new bool[_split.RowsAround(Samples.Span[i])];
        for (int position = 0; position < RowCount(i); position++)
        {
            for (int slot = 0; slot < Slots && !IsContext[i][position]; slot++)
                IsContext[i][position] = TensorPrimitives.Dot(Row(i, position), Context(i, slot)) >= SameVector;
        }

        IsContext[i][Position(i)] = false;
    }

    private void RequireSameTarget(int i)
    {
        double cosine = TensorPrimitives.Dot(Target(i), Row(i, Position(i)));
        if (!(cosine >= SmallestTargetCosine))
        {
            int sequence = _split.SequenceOf(Samples.Span[i]);
            throw new InputException($"{_split.Set.Path}: the target of sequence {sequence} is not the vector that {_split.Store.Path} has in its place "
                + $"(cosine {cosine:F3}); the articles must be those that the sequences were cut from.");
        }
    }

    private static double Norm(ReadOnlySpan<float> vector)
    {
        double squares = 0;
        foreach (float v in vector) squares += (double)v * v;
        return Math.Sqrt(squares);
    }
}
