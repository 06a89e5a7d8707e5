using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

/// <summary>Sequences whose vectors say where they come from: component 0 is the sequence, component 1 the slot (5 for the target).</summary>
internal sealed class FakeSet(long[]? articles, int count = -1, int dimension = 4) : ISequenceSet
{
    public string Path => "fake.npz";

    public string Kind => "sequence file";

    public int Count => articles?.Length ?? count;

    public int Dimension => dimension;

    public int ContextLength => 5;

    public bool HasArticles => articles is not null;

    public long ArticleOf(int sequence) => articles![sequence];

    public long? TargetIndexOf(int sequence) => null;

    public void CopyContext(int sequence, Span<float> destination)
    {
        for (int slot = 0; slot < 5; slot++)
            Write(destination.Slice(slot * dimension, dimension), sequence, slot);
    }

    public void CopyTarget(int sequence, Span<float> destination) => Write(destination[..dimension], sequence, 5);

    public void Dispose()
    {
    }

    private static void Write(Span<float> vector, int sequence, int slot)
    {
        vector.Clear();
        (vector[0], vector[1]) = (sequence, slot);
    }
}
