using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Forecast;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Tests.Forecast;

public sealed class MeanFieldTests
{
    private const int Windows = 40, Slots = 5, Dimension = 12, Negative = 3;

    [Fact]
    public void The_curve_has_the_statistics_of_the_vectors_themselves()
    {
        Vectors vectors = new(seed: 1);
        var rows = new double[Windows * LossStatistics.Columns(Slots)];
        const double alpha = 0.37;
        double norm = vectors.Curve.WriteStatistics(alpha, rows);
        double[][] units = [.. Enumerable.Range(0, Windows).Select(w => Unit([.. vectors.Mean[w].Zip(vectors.Contexts[w][Negative], (m, q) => m - alpha * q)]))];
        Assert.Equal(units.Select((p, w) => Dot(p, vectors.Targets[w])).Average(), norm, 1e-6);
        for (int w = 0; w < Windows; w++)
        {
            double[] raw = [.. units[w].Select(x => norm * x)];
            ReadOnlySpan<double> row = rows.AsSpan(w * LossStatistics.Columns(Slots), LossStatistics.Columns(Slots));
            Assert.Equal(raw.Zip(vectors.Targets[w], (a, b) => (a - b) * (a - b)).Sum(), row[LossStatistics.SquaredError], 1e-5);
            Assert.Equal(norm * norm, row[LossStatistics.RawSquared], 1e-12);
            Assert.Equal(Dot(vectors.Targets[w], vectors.Targets[w]), row[LossStatistics.TargetSquared], 1e-5);
            Assert.Equal(Dot(raw, vectors.Targets[w]), row[LossStatistics.RawTarget], 1e-5);
            for (int slot = 0; slot < Slots; slot++)
            {
                Assert.Equal(Dot(raw, vectors.Contexts[w][slot]), row[LossStatistics.RawContext(slot)], 1e-5);
                Assert.Equal(Dot(vectors.Targets[w], vectors.Contexts[w][slot]), row[LossStatistics.TargetContext(slot)], 1e-5);
                Assert.Equal(Dot(vectors.Contexts[w][slot], vectors.Contexts[w][slot]), row[LossStatistics.ContextSquared(slot)], 1e-5);
            }
        }
    }

    /// <summary>The gap term alone: α' = s/(1 + s), s as the training step reports it.</summary>
    [Theory]
    [InlineData("p6b-v1", 0.0)]
    [InlineData("p6b-v1", 0.3)]
    [InlineData("p6b-v2", 0.1)]
    public void The_response_to_a_gap_term_is_its_pressure(string mode, double alpha)
    {
        LossMode gap = LossModes.Find(mode) with { SkipRules = [] };
        MeanFieldPoint point = new MeanField(new Vectors(seed: 2).Curve, gap, gap.Stages[0]).At(alpha)!;
        Assert.True(point.Loss.Pressure > 0.001, $"{point.Loss.Pressure}");
        Assert.Equal(point.Loss.Pressure / (1 + point.Loss.Pressure), point.Response, 1e-6);
        Assert.Equal(point.Loss.Gap, point.Margins[Negative], 1e-9);
    }

    [Fact]
    public void Plain_mse_stays_where_it_is()
    {
        MeanFieldPoint point = new MeanField(new Vectors(seed: 3).Curve, LossModes.P6, LossModes.P6.Stages[0]).At(0.2)!;
        Assert.Equal(0, point.Response);
    }

    /// <summary>
    /// At the fixed point of a loss with constant λ no change of α lowers the loss, since targets are μ ± noise: there the mean field is exact
    /// but for what differs between windows.
    /// </summary>
    [Theory]
    [InlineData(1.0, 0.0)]
    [InlineData(0.6, 0.0)]
    [InlineData(1.0, 2e-3)]
    [InlineData(0.6, 2e-3)]
    public void The_fixed_point_is_the_minimum_of_the_loss(double gapShare, double orthogonality)
    {
        LossMode mode = LossModes.P6bV21 with
        {
            Gamma = 4,
            Alpha = gapShare,
            LambdaMin = 0.05,
            LambdaMax = 0.05,
            FloorWeight = 0,
            NormWeight = 0,
            OrthogonalityWeight = orthogonality,
            SkipRules = [],
        };
        Stage stage = new(1, 0.3, 0.1, double.PositiveInfinity);
        var field = new MeanField(OneGeometry(), mode, stage);
        double rest = FixedPoint.From(a => field.At(a)?.Response, 0)!.Value;
        Assert.InRange(rest, 0.05, 0.9);
        double best = Enumerable.Range(0, 2001).Select(i => i / 2000.0).Where(a => field.At(a) is not null).MinBy(a => field.At(a)!.Loss.Loss);
        Assert.Equal(best, rest, 0.002);
    }

    /// <summary>With E[t] = μ no output has a higher mean cosine at the same margin than μ − α·q: the curve is the front.</summary>
    [Fact]
    public void The_curve_is_the_front_of_cosine_against_margin()
    {
        var field = new MeanField(OneGeometry(), LossModes.P6, LossModes.P6.Stages[0]);
        MeanFieldPoint[] curve = [.. Enumerable.Range(0, 900).Select(i => field.At(i / 1000.0)).OfType<MeanFieldPoint>()];
        var random = new Random(4);
        int compared = 0;
        for (int i = 0; i < 2000; i++)
        {
            // Half of the tries near the curve itself, where a mistake would show.
            double alpha = random.NextDouble() * 0.8, spread = i % 2 == 0 ? 1 : 0.05;
            double[] centre = [0.4 - alpha, 0.5, 0, 0];
            double[] p = Unit([.. centre.Select(x => x + spread * (random.NextDouble() - 0.5))]);
            double cosine = 0.4 * p[0] + 0.5 * p[1], margin = cosine - p[0];
            MeanFieldPoint? at = curve.Zip(curve.Skip(1)).FirstOrDefault(pair => pair.First.Margins[0] <= margin && margin <= pair.Second.Margins[0]).First;
            if (at is null) continue;
            compared++;
            Assert.True(cosine <= at.Cosine + 1e-6, $"{cosine} at margin {margin}; the curve has {at.Cosine}");
        }

        Assert.True(compared > 500, $"{compared}");
    }

    /// <summary>All windows alike: t = μ ± δ, with μ·q the same everywhere.</summary>
    private static SubtractionCurve OneGeometry()
    {
        float[] q = [1, 0, 0, 0], mean = [0.4f, 0.5f, 0, 0];
        float other = MathF.Sqrt(1 - 0.41f);
        var products = new double[2 * SubtractionCurve.ColumnCount(1)];
        for (int w = 0; w < 2; w++)
        {
            float[] target = [0.4f, 0.5f, w == 0 ? other : -other, 0];
            SubtractionCurve.Products(mean, target, q, 0, products.AsSpan(w * products.Length / 2, products.Length / 2));
        }

        return new SubtractionCurve(1, 0, 4, products);
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Unit(double[] x) => [.. x.Select(v => v / Math.Sqrt(Dot(x, x)))];

    /// <summary>Random windows whose targets are related to what came before; targets and contexts are unit vectors.</summary>
    private sealed class Vectors
    {
        public Vectors(int seed)
        {
            var random = new Random(seed);
            double[] Draw() => [.. Enumerable.Range(0, Dimension).Select(_ => random.NextDouble() - 0.5)];
            double[] products = new double[Windows * SubtractionCurve.ColumnCount(Slots)];
            for (int w = 0; w < Windows; w++)
            {
                double[] topic = Draw();
                double[] Near() => Unit([.. topic.Zip(Draw(), (a, b) => (float)(a + b))]);
                Contexts.Add([Near(), Near(), Near(), Near(), Near()]);
                Targets.Add(Near());
                Mean.Add([.. topic.Select((_, i) => Contexts[w].Sum(c => c[i]) * 0.17)]);
                SubtractionCurve.Products(
                    Single(Mean[w]), Single(Targets[w]), Single([.. Contexts[w].SelectMany(c => c)]), Negative,
                    products.AsSpan(w * products.Length / Windows, products.Length / Windows));
            }

            Curve = new SubtractionCurve(Slots, Negative, Dimension, products);
        }

        public List<double[]> Mean { get; } = [];

        public List<double[]> Targets { get; } = [];

        public List<double[][]> Contexts { get; } = [];

        public SubtractionCurve Curve { get; }

        private static float[] Single(double[] values) => [.. values.Select(v => (float)v)];
    }
}
