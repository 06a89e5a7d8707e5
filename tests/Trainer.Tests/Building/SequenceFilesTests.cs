using P6bNative.Trainer.Data;
using P6bNative.Trainer.Tests.Console;
using P6bNative.Trainer.Tests.Data;

namespace P6bNative.Trainer.Tests.Building;

/// <summary>Files of <c>data make</c> against those that an independent numpy script cuts from the same store (Fixtures/data/make_sequences.py).</summary>
public sealed class SequenceFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("base_all", "--straddle", "--target-offset", "0")]
    [InlineData("p6_all", "--straddle")]
    [InlineData("base_excluded", "--straddle", "--target-offset", "0", "--exclude-articles", "7-8")]
    [InlineData("p6_excluded", "--straddle", "--exclude-articles", "7,8")]
    [InlineData("base_ood", "--ood", "4-11", "--max-sequences", "15", "--target-offset", "0")]
    [InlineData("p6_ood", "--straddle", "--include-articles", "4-11", "--max-sequences", "15")]
    public void Equal_those_of_an_independent_script(string name, params string[] flags)
    {
        Make(Fixture.Of("made_store.npz"), "out.npz", flags);
        using NpzArchive expected = NpzArchive.Open(Fixture.Of($"made_{name}.npz"));
        using NpzArchive actual = NpzArchive.Open(_folder["out.npz"]);
        Assert.Equal([.. expected.Keys], actual.Keys.Take(expected.Keys.Count));
        foreach (NpyArray array in expected.Keys.Select(expected.Get))
            AssertEqual(array, actual.Get(array.Key));
        Assert.Equal(["article_ids", "target_indices", "context_articles", "target_offset"], actual.Keys.Skip(expected.Keys.Count));
    }

    [Fact]
    public void Say_of_every_context_which_article_it_is_of()
    {
        Make(Fixture.Of("made_store.npz"), "out.npz", "--straddle", "--target-offset", "0");
        using NpzArchive file = NpzArchive.Open(_folder["out.npz"]);
        using NpzArchive store = NpzArchive.Open(Fixture.Of("made_store.npz"));
        long[] rows = store.Get("article_indices").ReadIntegers();
        Assert.Equal([.. Enumerable.Range(0, rows.Length - 5).SelectMany(i => rows[i..(i + 5)])], file.Get("context_articles").ReadIntegers());
        Assert.Equal(rows[5..], file.Get("article_ids").ReadIntegers());
        Assert.Equal(store.Get("chunk_indices").ReadIntegers()[5..], file.Get("target_indices").ReadIntegers());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Within_articles_are_the_windows_that_training_cuts(int offset)
    {
        Make(Fixture.Of("store_f16.npz"), "out.npz", "--target-offset", $"{offset}");
        using ArticleStore store = ArticleStore.Open(Fixture.Of("store_f16.npz"), offset);
        using SequenceFile file = SequenceFile.Open(_folder["out.npz"]);
        AssertSameSequences(store, [.. Enumerable.Range(0, store.Count)], file);
    }

    [Fact]
    public void Chosen_articles_and_a_limit_take_the_first_windows_of_those()
    {
        Make(Fixture.Of("store_f16.npz"), "out.npz", "--exclude-articles", "3", "--max-sequences", "4");
        using ArticleStore store = ArticleStore.Open(Fixture.Of("store_f16.npz"));
        using SequenceFile file = SequenceFile.Open(_folder["out.npz"]);
        AssertSameSequences(store, [2, 3, 4, 5], file);
    }

    [Fact]
    public void A_store_without_names_of_chunks_gets_some()
    {
        string store = new NpzBuilder().Floats("vectors", RandomVectors.Unit(new Random(1), 8, 3), 8, 3)
            .Integers("article_indices", 5, 5, 5, 5, 5, 5, 5, 5).Write(_folder["store.npz"]);
        Make(store, "out.npz");
        using NpzArchive file = NpzArchive.Open(_folder["out.npz"]);
        PickleDict[] metadata = [.. file.Get("metadata").ReadObjects().Cast<PickleDict>()];
        Assert.Equal(["5-6", "5-7"], metadata.Select(dict => dict.TryGet("target_cpe_id", out object? name) ? name : null));
        Assert.Equal("store.npz_p6_next_token", Assert.Single(file.Get("source_dataset").ReadStrings()));
    }

    [Fact]
    public void The_straddling_windows_of_articles_too_short_for_any_are_cut()
    {
        string store = new NpzBuilder().Floats("vectors", RandomVectors.Unit(new Random(1), 12, 3), 12, 3)
            .Integers("article_indices", 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4).Write(_folder["store.npz"]);
        Make(store, "out.npz", "--straddle");
        using SequenceFile file = SequenceFile.Open(_folder["out.npz"]);
        Assert.Equal([3L, 3, 4, 4], Enumerable.Range(0, file.Count).Select(file.ArticleOf));
        Assert.Equal([1L, 2, 1, 2], Enumerable.Range(0, file.Count).Select(i => file.TargetIndexOf(i)!.Value));
        TestConsole.Run("data", "make", store, "--out", _folder["other.npz"]).AssertRefused("store.npz", "no sequence", "7 rows");
    }

    private void Make(string store, string name, params string[] flags)
    {
        TestConsole run = TestConsole.Run(["data", "make", store, "--out", _folder[name], .. flags]);
        Assert.True(run.ExitCode == 0, run.Error);
    }

    private static void AssertSameSequences(ArticleStore store, int[] sequences, SequenceFile file)
    {
        Assert.Equal(sequences.Length, file.Count);
        float[] expected = new float[6 * store.Dimension], actual = new float[6 * store.Dimension];
        for (int i = 0; i < sequences.Length; i++)
        {
            Assert.Equal((store.ArticleOf(sequences[i]), store.TargetIndexOf(sequences[i])), (file.ArticleOf(i), file.TargetIndexOf(i)));
            store.CopyContext(sequences[i], expected);
            store.CopyTarget(sequences[i], expected.AsSpan(5 * store.Dimension));
            file.CopyContext(i, actual);
            file.CopyTarget(i, actual.AsSpan(5 * store.Dimension));
            Assert.Equal(expected, actual);
        }
    }

    private static void AssertEqual(NpyArray expected, NpyArray actual)
    {
        Assert.Equal((expected.Key, expected.Header.Descr, expected.Header.ShapeText), (actual.Key, actual.Header.Descr, actual.Header.ShapeText));
        switch (expected.Header.Kind)
        {
            case NpyKind.Float: Assert.Equal(expected.ReadSingles(), actual.ReadSingles()); break;
            case NpyKind.Unicode: Assert.Equal(expected.ReadStrings(), actual.ReadStrings()); break;
            case NpyKind.Object: Assert.Equal(expected.ReadObjects().Select(Text), actual.ReadObjects().Select(Text)); break;
            default: Assert.Equal(expected.ReadIntegers(), actual.ReadIntegers()); break;
        }
    }

    private static string Text(object? value) => value is PickleDict dict
        ? string.Join(", ", dict.Entries.Select(entry => $"{entry.Key} {entry.Value!.GetType().Name} {entry.Value}"))
        : $"{value}";
}
