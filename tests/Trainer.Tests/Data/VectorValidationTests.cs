using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

/// <summary>What training cannot use is refused when the file is opened, by key and row.</summary>
public sealed class VectorValidationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, bool> Layouts => new()
    {
        { "f2", false }, { "f2", true }, { "f4", false }, { "f4", true }, { "f8", false }, { "f8", true },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Contexts_that_are_not_finite_or_zero_are_named_by_row_and_slot(string type, bool deflated)
    {
        Check(float.NaN, "NaN at component 3");
        Check(float.PositiveInfinity, "infinity at component 3");
        Check(float.NegativeInfinity, "infinity at component 3");
        Check(0, "a zero vector", whole: true);

        void Check(float value, string message, bool whole = false)
        {
            float[] contexts = RandomVectors.Unit(new Random(1), 20, 6);
            // Row 2, slot 4.
            contexts.AsSpan(14 * 6 + (whole ? 0 : 3), whole ? 6 : 1).Fill(value);
            var builder = new NpzBuilder(deflated);
            Add(builder, type, "contexts", contexts, 4, 5, 6);
            builder.Floats("targets", RandomVectors.Unit(new Random(2), 4, 6), 4, 6);
            Assert.StartsWith($": contexts row 2 slot 4: {message}", Refusal.OfData(builder.Write(_folder["a.npz"])), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Vectors_of_a_store_are_named_by_row(string type, bool deflated)
    {
        float[] vectors = RandomVectors.Unit(new Random(1), 20, 6);
        vectors[13 * 6 + 5] = float.NaN;
        var builder = new NpzBuilder(deflated);
        Add(builder, type, "vectors", vectors, 20, 6);
        builder.Integers("article_indices", new long[20]);
        Assert.StartsWith(": vectors row 13: NaN at component 5", Refusal.OfData(builder.Write(_folder["a.npz"])), StringComparison.Ordinal);
    }

    [Fact]
    public void Targets_are_checked_too()
    {
        float[] targets = RandomVectors.Unit(new Random(2), 4, 6);
        targets.AsSpan(18).Clear();
        string path = new NpzBuilder().Floats("contexts", RandomVectors.Unit(new Random(1), 20, 6), 4, 5, 6).Floats("targets", targets, 4, 6)
            .Write(_folder["a.npz"]);
        Assert.StartsWith(": targets row 3: a zero vector", Refusal.OfData(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1e-20f, "a zero vector")]
    [InlineData(1e20f, "norm 1.4")]
    [InlineData(3e38f, "norm 4.2")]
    public void Norms_that_float32_arithmetic_cannot_bear(float value, string message)
    {
        float[] vectors = RandomVectors.Unit(new Random(1), 9, 2);
        vectors.AsSpan(2, 2).Fill(value);
        string path = new NpzBuilder().Floats("vectors", vectors, 9, 2).Integers("article_indices", new long[9]).Write(_folder["a.npz"]);
        Assert.Contains($"vectors row 1: a {(value < 1 ? "zero vector" : "vector of norm")}", Refusal.OfData(path), StringComparison.Ordinal);
        Assert.Contains(message, Refusal.OfData(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Sequence_files_of_the_wrong_shape()
    {
        float[] floats = RandomVectors.Unit(new Random(1), 600, 1);
        AssertRefused("contexts: shape is (2, 4, 3); (N, 5, D)", Pair([2, 4, 3], [2, 3]));
        AssertRefused("contexts: shape is (2, 6, 3); (N, 5, D)", Pair([2, 6, 3], [2, 3]));
        AssertRefused("contexts: shape is (2, 15); (N, 5, D)", Pair([2, 15], [2, 3]));
        AssertRefused("contexts: empty, shape is (0, 5, 3)", Pair([0, 5, 3], [0, 3]));
        AssertRefused("contexts: empty, shape is (2, 5, 0)", Pair([2, 5, 0], [2, 0]));
        AssertRefused("targets: shape is (3, 3); (2, 3)", Pair([2, 5, 3], [3, 3]));
        AssertRefused("targets: shape is (2, 4); (2, 3)", Pair([2, 5, 3], [2, 4]));
        AssertRefused("targets: shape is (6,); (2, 3)", Pair([2, 5, 3], [6]));
        AssertRefused("no contexts", new NpzBuilder().Floats("targets", floats[..6], 2, 3));
        AssertRefused("article_ids: shape is (3,); (2,)", Pair([2, 5, 3], [2, 3]).Integers("article_ids", 1, 2, 3));
        AssertRefused("target_indices: shape is (1,); (2,)", Pair([2, 5, 3], [2, 3]).Integers("target_indices", 1));
        AssertRefused("article_ids: dtype <f4 is not an integer", Pair([2, 5, 3], [2, 3]).Floats("article_ids", [1, 2], 2));
        AssertRefused("metadata: shape is (3,); (2,)", Pair([2, 5, 3], [2, 3]).Objects("metadata", 3, PickleBuilder.Dicts("article_index", 1, 2, 3)));
        AssertRefused("metadata: dtype <i8 is not object", Pair([2, 5, 3], [2, 3]).Integers("metadata", 1, 2));
        AssertRefused("contexts: dtype <i8 is not a float", new NpzBuilder()
            .Array("contexts", "<i8", "(1, 5, 1)", new byte[40]).Floats("targets", [1], 1, 1));

        NpzBuilder Pair(long[] contexts, long[] targets) => new NpzBuilder().Floats("contexts", floats[..Count(contexts)], contexts)
            .Floats("targets", floats[..Count(targets)], targets);
    }

    [Fact]
    public void Stores_of_the_wrong_shape()
    {
        float[] floats = RandomVectors.Unit(new Random(1), 600, 1);
        AssertRefused("vectors: shape is (3, 5, 2); (N, D)", new NpzBuilder().Floats("vectors", floats[..30], 3, 5, 2));
        AssertRefused("vectors: empty, shape is (0, 4)", new NpzBuilder().Floats("vectors", [], 0, 4).Integers("article_indices"));
        AssertRefused("no article ids", new NpzBuilder().Floats("vectors", floats[..30], 10, 3));
        AssertRefused("article_indices: shape is (9,); (10,)", Store(9));
        AssertRefused("chunk_indices: shape is (11,); (10,)", Store(10).Integers("chunk_indices", new long[11]));
        AssertRefused("dtype <f4 is not an integer", new NpzBuilder()
            .Floats("vectors", floats[..30], 10, 3).Floats("article_indices", floats[..10], 10));
        AssertRefused("does not fit a signed 64-bit integer", new NpzBuilder().Floats("vectors", floats[..1], 1, 1)
            .Array("article_indices", "<u8", "(1,)", [255, 255, 255, 255, 255, 255, 255, 255]));
        AssertRefused("no sequence: none of the 5 articles has the 7 rows", new NpzBuilder().Floats("vectors", floats[..30], 30, 1)
            .Integers("article_indices", [.. Enumerable.Range(0, 30).Select(i => i % 5L)]));
        AssertRefused("neither a sequence file", new NpzBuilder().Floats("numbers", floats[..30], 30, 1));

        NpzBuilder Store(int articles) => new NpzBuilder().Floats("vectors", floats[..30], 10, 3).Integers("article_indices", new long[articles]);
    }

    [Fact]
    public void A_negative_target_offset_is_refused()
    {
        InputException error = Assert.Throws<InputException>(() => SequenceSet.Open(Fixture.Of("store_f16.npz"), -1));
        Assert.StartsWith("--target-offset -1", error.Message, StringComparison.Ordinal);
    }

    private static int Count(long[] shape) => (int)shape.Aggregate(1L, (product, extent) => product * extent);

    private static void Add(NpzBuilder builder, string type, string key, float[] values, params long[] shape) =>
        _ = type switch
        {
            "f2" => builder.Halves(key, values, shape),
            "f4" => builder.Floats(key, values, shape),
            _ => builder.Doubles(key, values, shape),
        };

    private void AssertRefused(string message, NpzBuilder builder) =>
        Assert.Contains(message, Refusal.OfData(builder.Write(_folder["a.npz"])), StringComparison.Ordinal);
}
