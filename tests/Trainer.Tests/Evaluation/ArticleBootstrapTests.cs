using P6bNative.Trainer.Evaluation;

namespace P6bNative.Trainer.Tests.Evaluation;

public class ArticleBootstrapTests
{
    [Fact]
    public void Has_the_width_of_the_normal_approximation_over_articles()
    {
        (long[] articles, double[] values, double[] articleMeans) = Sample(articleCount: 400, perArticle: 5, seed: 1);
        Interval interval = new ArticleBootstrap(articles, seed: 7, resamples: 20_000).Mean(values);

        double mean = values.Average();
        double error = Math.Sqrt(articleMeans.Sum(m => (m - mean) * (m - mean))) / articleMeans.Length;
        Assert.Equal(mean - 1.96 * error, interval.Low, 0.05 * error);
        Assert.Equal(mean + 1.96 * error, interval.High, 0.05 * error);
    }

    [Fact]
    public void An_article_weighs_as_much_as_it_has_samples()
    {
        // Two articles: the draws are (a, a), (a, b), (b, a), (b, b), each a quarter; only the means of whole draws can come out.
        long[] articles = [5, 5, 5, 9];
        double[] values = [1, 2, 3, 10];
        var bootstrap = new ArticleBootstrap(articles, seed: 2);
        var seen = new HashSet<double>();
        Interval interval = bootstrap.Statistic(means => { seen.Add(means[0]); return means[0]; }, values);
        Assert.Equal([2.0, 4.0, 10.0], seen.Order());
        Assert.Equal(new Interval(2, 10), interval);
    }

    [Fact]
    public void A_paired_difference_is_that_of_each_sample()
    {
        (long[] articles, double[] values, _) = Sample(articleCount: 30, perArticle: 4, seed: 3);
        double[] shifted = [.. values.Select(v => v + 0.25)];
        Interval interval = new ArticleBootstrap(articles, seed: 1).Difference(shifted, values);
        Assert.Equal(0.25, interval.Low, 1e-12);
        Assert.Equal(0.25, interval.High, 1e-12);
    }

    [Fact]
    public void Draws_follow_the_seed()
    {
        (long[] articles, double[] values, _) = Sample(articleCount: 30, perArticle: 4, seed: 3);
        Assert.Equal(new ArticleBootstrap(articles, seed: 1).Mean(values), new ArticleBootstrap(articles, seed: 1).Mean(values));
        Assert.NotEqual(new ArticleBootstrap(articles, seed: 1).Mean(values), new ArticleBootstrap(articles, seed: 2).Mean(values));
    }

    [Fact]
    public void A_single_article_gives_no_interval() =>
        Assert.Equal(Interval.Unknown, new ArticleBootstrap([3, 3, 3], seed: 1).Mean([1.0, 2, 3]));

    private static (long[] Articles, double[] Values, double[] ArticleMeans) Sample(int articleCount, int perArticle, int seed)
    {
        var random = new Random(seed);
        long[] articles = [.. Enumerable.Range(0, articleCount * perArticle).Select(i => (long)(i / perArticle))];
        double[] topics = [.. Enumerable.Range(0, articleCount).Select(_ => random.NextDouble())];
        double[] values = [.. articles.Select(a => topics[a] + 0.3 * random.NextDouble())];
        return (articles, values, [.. values.Chunk(perArticle).Select(chunk => chunk.Average())]);
    }
}
