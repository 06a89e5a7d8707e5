using System.Numerics.Tensors;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

public sealed class SequenceFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void P6_file_of_numpy_has_articles_and_places_from_its_metadata()
    {
        using ISequenceSet set = SequenceSet.Open(Fixture.Of("p6_sequences.npz"));
        Assert.Equal(("sequence file", 9, 768, 5, true), (set.Kind, set.Count, set.Dimension, set.ContextLength, set.HasArticles));
        Assert.Equal([20L, 20, 20, 21, 21, 21, 22, 22, 22], Enumerable.Range(0, 9).Select(set.ArticleOf));
        Assert.Equal([6L, 7, 8, 6, 7, 8, 6, 7, 8], Enumerable.Range(0, 9).Select(i => set.TargetIndexOf(i)!.Value));
        // Context 1 is context 0, one row on; the target of 0 is the vector after the last context of 1.
        (float[] first, float[] second) = (Context(set, 0), Context(set, 1));
        Assert.Equal(first[768..], second[..(4 * 768)]);
        Assert.Equal(Target(set, 0), Context(set, 2)[(4 * 768)..]);
        Assert.Equal(1, TensorPrimitives.Norm<float>(Target(set, 0)), 1e-5f);
    }

    [Fact]
    public void Stored_and_deflated_files_hold_the_same()
    {
        using ISequenceSet deflated = SequenceSet.Open(Fixture.Of("p6_sequences.npz"));
        using ISequenceSet stored = SequenceSet.Open(Fixture.Of("p6_sequences_stored.npz"));
        Assert.Equal(4, stored.Count);
        for (int i = 0; i < stored.Count; i++)
        {
            Assert.Equal(Context(deflated, i), Context(stored, i));
            Assert.Equal(Target(deflated, i), Target(stored, i));
            Assert.Equal(deflated.ArticleOf(i), stored.ArticleOf(i));
        }
    }

    [Fact]
    public void Compat_file_of_numpy_has_articles_and_places_as_arrays()
    {
        using ISequenceSet set = SequenceSet.Open(Fixture.Of("p6_compat.npz"));
        Assert.Equal((6, 768), (set.Count, set.Dimension));
        Assert.Equal([20L, 20, 21, 21, 22, 22], Enumerable.Range(0, 6).Select(set.ArticleOf));
        Assert.Equal(6, set.TargetIndexOf(0));
    }

    [Theory]
    [InlineData("context_sequences", "target_vectors")]
    [InlineData("contexts", "targets")]
    [InlineData("train_context_sequences", "train_target_vectors")]
    [InlineData("context", "target")]
    [InlineData("X", "y")]
    public void Keys_go_by_several_names(string contexts, string targets)
    {
        var random = new Random(1);
        float[] expected = RandomVectors.Unit(random, 15, 4);
        float[] expectedTargets = RandomVectors.Unit(random, 3, 4);
        string path = new NpzBuilder().Floats(contexts, expected, 3, 5, 4).Floats(targets, expectedTargets, 3, 4).Write(_folder["a.npz"]);
        using ISequenceSet set = SequenceSet.Open(path);
        Assert.False(set.HasArticles);
        Assert.Null(set.TargetIndexOf(0));
        Assert.Equal(expected[40..], Context(set, 2));
        Assert.Equal(expectedTargets[8..], Target(set, 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Float64_is_rounded_and_float16_is_normalised(bool deflated)
    {
        float[] contexts = RandomVectors.Unit(new Random(2), 10, 700);
        float[] targets = RandomVectors.Unit(new Random(3), 2, 700);
        string doubles = new NpzBuilder(deflated)
            .Doubles("contexts", contexts, 2, 5, 700).Doubles("targets", targets, 2, 700).Write(_folder["d.npz"]);
        string halves = new NpzBuilder(deflated)
            .Halves("contexts", contexts, 2, 5, 700).Halves("targets", targets, 2, 700).Write(_folder["h.npz"]);
        using ISequenceSet wide = SequenceSet.Open(doubles);
        using ISequenceSet narrow = SequenceSet.Open(halves);
        Assert.Equal(contexts[3500..], Context(wide, 1));
        Assert.Equal(targets[700..], Target(wide, 1));
        float[] half = Context(narrow, 1);
        for (int slot = 0; slot < 5; slot++)
        {
            ReadOnlySpan<float> vector = half.AsSpan(slot * 700, 700);
            Assert.Equal(1, TensorPrimitives.Norm(vector), 2e-7f);
            Assert.True(TensorPrimitives.Distance(vector, contexts.AsSpan(3500 + slot * 700, 700)) < 1e-3);
        }
    }

    [Fact]
    public void Vectors_of_float32_keep_their_length()
    {
        float[] contexts = [.. RandomVectors.Unit(new Random(4), 5, 8).Select(value => 3 * value)];
        string path = new NpzBuilder().Floats("contexts", contexts, 1, 5, 8).Floats("targets", contexts[..8], 1, 8).Write(_folder["a.npz"]);
        using ISequenceSet set = SequenceSet.Open(path);
        Assert.Equal(contexts, Context(set, 0));
    }

    [Fact]
    public void A_file_that_shrinks_while_in_use_is_an_error_and_no_crash()
    {
        string path = RandomVectors.Sequences(new Random(5), 50, 64).Write(_folder["a.npz"]);
        using ISequenceSet set = SequenceSet.Open(path);
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            stream.SetLength(1000);
        Assert.Contains("truncated", Refusal.Of(path, () => Context(set, 49)), StringComparison.Ordinal);
    }

    private static float[] Context(ISequenceSet set, int sequence)
    {
        var context = new float[5 * set.Dimension];
        set.CopyContext(sequence, context);
        return context;
    }

    private static float[] Target(ISequenceSet set, int sequence)
    {
        var target = new float[set.Dimension];
        set.CopyTarget(sequence, target);
        return target;
    }
}
