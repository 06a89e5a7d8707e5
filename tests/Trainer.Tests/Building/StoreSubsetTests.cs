using P6bNative.Trainer.Building;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Tests.Console;
using P6bNative.Trainer.Tests.Data;

namespace P6bNative.Trainer.Tests.Building;

public sealed class StoreSubsetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_of_the_chosen_articles_are_copied_bit_for_bit_and_the_rest_whole()
    {
        Make("--exclude-articles", "5");
        using NpzArchive whole = NpzArchive.Open(Fixture.Of("store_f16.npz"));
        using NpzArchive part = NpzArchive.Open(_folder["out.npz"]);
        Assert.Equal([.. whole.Keys], part.Keys);
        Assert.Equal("<f2", part.Get("vectors").Header.Descr);
        // 8, 6 and 12 rows of articles 3, 5 and 9.
        float[] vectors = whole.Get("vectors").ReadSingles();
        Assert.Equal([.. vectors[..(8 * 512)], .. vectors[(14 * 512)..]], part.Get("vectors").ReadSingles());
        Assert.Equal([3L, 3, 3, 3, 3, 3, 3, 3, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], part.Get("article_indices").ReadIntegers());
        Assert.Equal(whole.Get("article_titles").ReadStrings(), part.Get("article_titles").ReadStrings());
        using ArticleStore store = ArticleStore.Open(_folder["out.npz"]);
        Assert.Equal(8, store.Count);
    }

    [Fact]
    public void Objects_and_texts_are_cut_with_the_rows()
    {
        TestConsole run = TestConsole.Run("data", "make", Fixture.Of("made_store.npz"), "--as", "store", "--include-articles", "4,12", "--out", _folder["out.npz"]);
        Assert.Equal((0, "2 of 7 articles"), (run.ExitCode, run.Output[..15]));
        using NpzArchive part = NpzArchive.Open(_folder["out.npz"]);
        string[] places = [.. Enumerable.Range(0, 7).Select(chunk => $"4/{chunk}"), "12/0", "12/1", "12/2"];
        Assert.Equal(places.Select(place => $"chunk-{place}"), part.Get("cpe_ids").ReadStrings());
        Assert.Equal(places.Select(place => $"Text {place.Split('/')[1]} of article {place.Split('/')[0]}, in grün."), part.Get("concept_texts").ReadObjects());
        Assert.Equal("wikipedia", Assert.Single(part.Get("source_dataset").ReadStrings()));
    }

    [Theory]
    [InlineData("0.1", 10)]
    [InlineData("0.001", 1)]
    [InlineData("37", 37)]
    [InlineData("100", 100)]
    public void A_subset_is_of_whole_articles_and_the_same_for_a_seed(string size, int count)
    {
        long[] ids = [.. Enumerable.Range(0, 100).Select(id => 3L * id - 50)];
        long[] chosen = [.. ArticleSubset.Parse(size, 5).Of(ids)];
        Assert.Equal(count, chosen.Distinct().Count(ids.Contains));
        Assert.Equal(chosen, ArticleSubset.Parse(size, 5).Of([.. ids.Reverse()]));
        Assert.Equal(count is 100, chosen.Order().SequenceEqual(ArticleSubset.Parse(size, 6).Of(ids).Order()));
    }

    [Fact]
    public void A_larger_subset_holds_the_smaller_one()
    {
        long[] ids = [.. Enumerable.Range(0, 100).Select(id => (long)id)];
        HashSet<long> large = [.. ArticleSubset.Parse("40", 5).Of(ids)];
        Assert.All(ArticleSubset.Parse("0.25", 5).Of(ids), id => Assert.Contains(id, large));
    }

    [Fact]
    public void Every_article_is_as_likely_as_the_others()
    {
        // 30 of 100 articles, 400 seeds: each 120 times, give or take 9 (one standard deviation).
        long[] ids = [.. Enumerable.Range(0, 100).Select(id => (long)id)];
        Dictionary<long, int> counts = Enumerable.Range(0, 400).SelectMany(seed => ArticleSubset.Parse("30", seed).Of(ids)).CountBy(id => id).ToDictionary();
        Assert.All(ids, id => Assert.InRange(counts[id], 120 - 42, 120 + 42));
    }

    [Fact]
    public void What_cannot_be_copied_is_named()
    {
        string complex = new NpzBuilder().Floats("vectors", RandomVectors.Unit(new Random(1), 7, 2), 7, 2).Integers("article_indices", new long[7])
            .Array("extra", "<c8", "(7,)", new byte[56]).Write(_folder["complex.npz"]);
        TestConsole.Run("data", "make", complex, "--as", "store", "--out", _folder["out.npz"]).AssertRefused("complex.npz", "extra", "<c8");
        Assert.Equal(["complex.npz"], _folder.Files);
    }

    private void Make(params string[] flags)
    {
        TestConsole run = TestConsole.Run(["data", "make", Fixture.Of("store_f16.npz"), "--as", "store", "--out", _folder["out.npz"], .. flags]);
        Assert.True(run.ExitCode == 0, run.Error);
    }
}
