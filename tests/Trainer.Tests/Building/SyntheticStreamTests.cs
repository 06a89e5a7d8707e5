using P6bNative.Trainer.Building;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Diagnosis;
using P6bNative.Trainer.Tests.Data;

namespace P6bNative.Trainer.Tests.Building;

public sealed class SyntheticStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(120, 40, 64, ".457,.387,.366,.353,.342")]
    [InlineData(200, 30, 24, ".457,.387,.366,.353,.342")]
    [InlineData(80, 30, 32, "-.3,.2,-.1,.05")]
    [InlineData(80, 30, 32, "0,0,0")]
    [InlineData(80, 30, 32, ".9")]
    [InlineData(160, 30, 32, ".9,.8,.7,.6,.5")]
    public void Mean_lag_cosines_are_those_asked_for_within_four_standard_errors(int articles, int chunks, int dimension, string lags)
    {
        double[] asked = [.. lags.Split(',').Select(lag => double.Parse(lag, System.Globalization.CultureInfo.InvariantCulture))];
        new SyntheticStream(articles, chunks, dimension, asked, Seed: 7).Write(_folder["a.npz"]);
        using ArticleStore store = ArticleStore.Open(_folder["a.npz"]);
        var cosines = new LagCosines(store);
        for (int lag = 1; lag <= asked.Length; lag++)
        {
            // Articles are independent and of one length, so their means are a plain sample.
            var means = new double[articles];
            for (int article = 0; article < articles; article++)
            {
                cosines.Load(article);
                means[article] = Enumerable.Range(lag, chunks - lag).Average(row => cosines.Between(row, row - lag));
            }
            double mean = means.Average();
            double error = Math.Sqrt(means.Sum(value => (value - mean) * (value - mean)) / (articles - 1) / articles);
            Assert.InRange(error, 0, 0.006);
            Assert.InRange(mean, asked[lag - 1] - 4 * error, asked[lag - 1] + 4 * error);
        }
    }

    [Fact]
    public void Vectors_are_of_unit_norm_differ_by_seed_and_repeat_with_it()
    {
        new SyntheticStream(4, 9, 12, [.4, .3], Seed: 1).Write(_folder["a.npz"]);
        new SyntheticStream(4, 9, 12, [.4, .3], Seed: 1).Write(_folder["b.npz"]);
        new SyntheticStream(4, 9, 12, [.4, .3], Seed: 2).Write(_folder["c.npz"]);
        Assert.Equal(File.ReadAllBytes(_folder["a.npz"]), File.ReadAllBytes(_folder["b.npz"]));
        Assert.NotEqual(File.ReadAllBytes(_folder["a.npz"]), File.ReadAllBytes(_folder["c.npz"]));
        using ArticleStore store = ArticleStore.Open(_folder["a.npz"]);
        Assert.Equal((36, 4, 12), (store.RowCount, store.ArticleCount, store.Dimension));
        Assert.InRange(store.Norms.Min, 1 - 1e-6, 1);
        Assert.InRange(store.Norms.Max, 1, 1 + 1e-6);
        Assert.Equal(0, DuplicateVectors.Count(store.RowCount, store.Dimension, store.CopyRow));
    }

    [Fact]
    public void The_floor_carries_the_last_decline_on()
    {
        // p6b-facts 10.1: about .33.
        Assert.Equal(.331, LagModel.Of([.457, .387, .366, .353, .342]).Floor, 1e-9);
        Assert.Equal(0, LagModel.Of([.457, .1]).Floor);
        Assert.Equal(0, LagModel.Of([.9]).Floor);
        Assert.Equal(0, LagModel.Of([-.2, -.1]).Floor);
    }

    [Fact]
    public void The_forecasts_solve_the_equations_of_the_lags()
    {
        double[] lags = [.457, .387, .366, .353, .342];
        LagModel model = LagModel.Of(lags);
        double[] c = [1, .. lags.Select(lag => (lag - model.Floor) / (1 - model.Floor))];
        for (int known = 0; known <= model.Order; known++)
        {
            // Yule-Walker: sum_j w_j c(|i - j|) = c(i), and what is left over of the variance.
            double[] weights = model.WeightsAfter(known).ToArray();
            for (int i = 1; i <= known; i++)
                Assert.Equal(c[i], weights.Select((weight, j) => weight * c[Math.Abs(i - j - 1)]).Sum(), 1e-12);
            Assert.Equal(1 - weights.Select((weight, j) => weight * c[j + 1]).Sum(), model.DeviationAfter(known) * model.DeviationAfter(known), 1e-12);
        }
    }

    [Theory]
    [InlineData(".9,.1", "lag 2", "0.620", "1.000")]
    [InlineData("-.8,-.8", "lag 2", "0.280", "1.000")]
    [InlineData("1", "lag 1", "-1.000", "1.000")]
    [InlineData("0,0,.2,0,0,-.99", "lag 6", "-0.920", "1.000")]
    public void Lags_that_contradict_each_other_are_refused_with_what_is_possible(string lags, params string[] words)
    {
        double[] asked = [.. lags.Split(',').Select(lag => double.Parse(lag, System.Globalization.CultureInfo.InvariantCulture))];
        InputException error = Assert.Throws<InputException>(() => new SyntheticStream(4, 9, 12, asked, Seed: 1).Write(_folder["a.npz"]));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
        Assert.Empty(_folder.Files);
    }
}
