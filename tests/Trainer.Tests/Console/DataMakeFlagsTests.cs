using P6bNative.Trainer.Tests.Data;

namespace P6bNative.Trainer.Tests.Console;

public sealed class DataMakeFlagsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--subset 0", "--subset 0", "fraction")]
    [InlineData("--subset 1.5", "--subset 1.5")]
    [InlineData("--subset 1e-3", "--subset")]
    [InlineData("--subset -3", "--subset")]
    [InlineData("--subset 4", "only 3 articles")]
    [InlineData("--seed 3", "--seed", "--subset")]
    [InlineData("--include-articles 9-3", "low end first")]
    [InlineData("--include-articles 3,,9", "--include-articles")]
    [InlineData("--include-articles x", "--include-articles")]
    [InlineData("--include-articles 100-200", "no article is left", "3 to 9")]
    [InlineData("--exclude-articles 0-100", "no article is left")]
    [InlineData("--exclude-articles 99999999999999999999", "--exclude-articles")]
    [InlineData("--ood 3-9 --include-articles 3", "--include-articles", "--ood")]
    [InlineData("--ood", "--ood has no value")]
    [InlineData("--ood --straddle", "--ood has no value")]
    [InlineData("--max-sequences", "--max-sequences has no value")]
    [InlineData("--max-sequences 0", "--max-sequences 0")]
    [InlineData("--target-offset 2", "--target-offset 2")]
    [InlineData("--as table", "--as table")]
    [InlineData("--as store --straddle", "--straddle")]
    [InlineData("--as store --target-offset 0", "--target-offset")]
    [InlineData("--as store --max-sequences 3", "--max-sequences")]
    [InlineData("--as store --ood 3-9", "--ood")]
    [InlineData("--articles 3", "--articles", "--synthetic")]
    [InlineData("--lags .5", "--lags")]
    [InlineData("--synthetic", "the store", "--synthetic")]
    [InlineData("--frobnicate", "--frobnicate")]
    [InlineData("more.npz", "more.npz")]
    public void What_makes_no_sense_for_a_store_is_refused_and_leaves_nothing(string flags, params string[] words)
    {
        TestConsole.Run(["data", "make", Fixture.Of("store_f16.npz"), "--out", _folder["out.npz"], .. flags.Split(' ')]).AssertRefused(words);
        Assert.Empty(_folder.Files);
    }

    [Theory]
    [InlineData("--synthetic --lags .9,.1", "lag 2", "between")]
    [InlineData("--synthetic --lags .5,,.3", "--lags")]
    [InlineData("--synthetic --lags 1.5", "--lags")]
    [InlineData("--synthetic --lags NaN", "--lags")]
    [InlineData("--synthetic --articles 0", "--articles 0")]
    [InlineData("--synthetic --chunks 6", "--chunks 6")]
    [InlineData("--synthetic --dim 1", "--dim 1")]
    [InlineData("--synthetic --articles 10000000 --chunks 1000000", "rows")]
    [InlineData("--synthetic --subset 3", "--subset", "--synthetic")]
    [InlineData("--synthetic --straddle", "--straddle")]
    [InlineData("", "article store", "--synthetic")]
    public void What_makes_no_sense_without_one_is_refused_and_leaves_nothing(string flags, params string[] words)
    {
        string[] given = flags.Length == 0 ? [] : flags.Split(' ');
        TestConsole.Run(["data", "make", "--out", _folder["out.npz"], .. given]).AssertRefused(words);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void The_store_is_never_overwritten_and_other_files_only_by_whole_ones()
    {
        string store = _folder["store.npz"];
        File.Copy(Fixture.Of("store_f16.npz"), store);
        TestConsole.Run("data", "make", store, "--out", Path.Combine(_folder["x"], "..", "store.npz")).AssertRefused("the store itself");
        File.WriteAllText(_folder["old.npz"], "old");
        TestConsole.Run("data", "make", store, "--out", _folder["old.npz"], "--include-articles", "5").AssertRefused("no sequence");
        Assert.Equal("old", File.ReadAllText(_folder["old.npz"]));
        Assert.Equal(["old.npz", "store.npz"], _folder.Files);
        TestConsole.Run("data", "make", store).AssertRefused("--out");
        TestConsole.Run("data", "make", store, "--out", "").AssertRefused("--out");
        TestConsole.Run("data", "make", store, "--out", Path.Combine(_folder["none"], "out.npz")).AssertRefused("out.npz", "cannot be written");
        TestConsole.Run("data", "make", Fixture.Of("p6_sequences.npz"), "--out", _folder["out.npz"]).AssertRefused("p6_sequences.npz", "vectors");
    }

    [Fact]
    public void Stores_with_wrong_texts_are_named()
    {
        string store = new NpzBuilder().Floats("vectors", RandomVectors.Unit(new Random(1), 7, 2), 7, 2).Integers("article_indices", new long[7])
            .Integers("cpe_ids", 1, 2, 3).Write(_folder["store.npz"]);
        TestConsole.Run("data", "make", store, "--out", _folder["out.npz"]).AssertRefused("store.npz", "cpe_ids", "(7,)");
        Assert.Equal(["store.npz"], _folder.Files);
    }

    [Theory]
    [InlineData("data")]
    [InlineData("data", "frobnicate")]
    [InlineData("data", "--help")]
    public void Without_a_verb_that_exists_the_verbs_are_named(params string[] arguments) =>
        TestConsole.Run(arguments).AssertRefused("data inspect", "data make");

    [Fact]
    public void Help_lists_the_flags_of_either_verb()
    {
        Assert.Contains("--straddle", TestConsole.Run("data", "make", "--help").Output);
        Assert.Contains("--no-arrow", TestConsole.Run("data", "inspect", "--help").Output);
    }
}
