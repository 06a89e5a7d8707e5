using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

public class ArticleSplitTests
{
    // int(0.1·n) of Python, at least 1.
    [Theory]
    [InlineData(2, 1)]
    [InlineData(9, 1)]
    [InlineData(10, 1)]
    [InlineData(19, 1)]
    [InlineData(20, 2)]
    [InlineData(30, 3)]
    [InlineData(70, 7)]
    [InlineData(6671, 667)]
    public void The_last_tenth_of_the_sorted_ids_validates(int articles, int validation)
    {
        var random = new Random(articles);
        // Ids in any order, negative too, with several sequences each.
        long[] ids = [.. Enumerable.Range(-3, articles).Select(i => i * 7L)];
        long[] ofSequence = [.. ids, .. ids, .. ids];
        random.Shuffle(ofSequence);
        ArticleSplit split = ArticleSplit.Of(new FakeSet(ofSequence), seed: 1);

        Assert.True(split.ByArticle);
        Assert.Null(split.Warning);
        Assert.Equal((articles - validation, validation), (split.TrainArticles, split.ValidationArticles));
        Assert.Equal(ids[^validation..].ToHashSet(), split.Validation.ToArray().Select(i => ofSequence[i]).ToHashSet());
        Assert.Equal(Enumerable.Range(0, ofSequence.Length), split.Train.ToArray().Concat(split.Validation.ToArray()).Order());
        Assert.Equal(split.Train.ToArray().Order(), split.Train.ToArray());
        Assert.Equal(split.Validation.ToArray().Order(), split.Validation.ToArray());
        Assert.Equal(3 * validation, split.Validation.Length);
    }

    [Fact]
    public void Without_articles_a_seeded_random_tenth_validates_and_a_warning_says_so()
    {
        var set = new FakeSet(null, 1000);
        ArticleSplit split = ArticleSplit.Of(set, 42);
        Assert.False(split.ByArticle);
        Assert.Contains("no article ids", split.Warning, StringComparison.Ordinal);
        Assert.Equal((900, 100), (split.Train.Length, split.Validation.Length));
        Assert.Equal(Enumerable.Range(0, 1000), split.Train.ToArray().Concat(split.Validation.ToArray()).Order());
        Assert.Equal(split.Validation.ToArray(), ArticleSplit.Of(set, 42).Validation.ToArray());
        Assert.NotEqual(split.Validation.ToArray(), ArticleSplit.Of(set, 43).Validation.ToArray());
        // Spread over the file: each tenth of it has some.
        Assert.Equal(10, split.Validation.ToArray().Select(i => i / 100).Distinct().Count());
    }

    [Fact]
    public void Nothing_left_to_train_on_is_an_error()
    {
        InputException oneArticle = Assert.Throws<InputException>(() => ArticleSplit.Of(new FakeSet([5, 5, 5]), 1));
        Assert.Contains("article 5", oneArticle.Message, StringComparison.Ordinal);
        InputException oneSequence = Assert.Throws<InputException>(() => ArticleSplit.Of(new FakeSet(null, 1), 1));
        Assert.Contains("too few", oneSequence.Message, StringComparison.Ordinal);
        Assert.Equal(1, ArticleSplit.Of(new FakeSet(null, 2), 1).Train.Length);
    }

    [Fact]
    public void Two_files_are_used_whole()
    {
        ArticleSplit split = ArticleSplit.Whole(new FakeSet([1, 1, 2]), new FakeSet([3]));
        Assert.Equal([0, 1, 2], split.Train.ToArray());
        Assert.Equal([0], split.Validation.ToArray());
        Assert.Equal((2, 1), (split.TrainArticles, split.ValidationArticles));
        Assert.Throws<InputException>(() => ArticleSplit.Whole(new FakeSet([1]), new FakeSet([1], dimension: 5)));
    }
}
