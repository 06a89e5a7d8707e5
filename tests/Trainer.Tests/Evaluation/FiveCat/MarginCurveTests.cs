using P6bNative.Trainer.Evaluation.FiveCat;

namespace P6bNative.Trainer.Tests.Evaluation.FiveCat;

public sealed class MarginCurveTests
{
    private const int Dimension = 12, Samples = 40;

    private readonly double[][] _raw, _targets, _lasts;
    private readonly MarginCurve _curve;

    /// <summary>Targets and last contexts that are alike, and predictions between the two and shorter.</summary>
    public MarginCurveTests()
    {
        var random = new Random(6);
        double[][] topics = Vectors(_ => 0);
        _targets = Vectors(i => 0.8 * topics[i / Dimension][i % Dimension]);
        _lasts = Vectors(i => 0.8 * topics[i / Dimension][i % Dimension]);
        _raw = [.. _targets.Zip(_lasts, (t, q) => t.Zip(q, (a, b) => 0.3 * a + 0.4 * b).ToArray())];
        double[] Column(Func<int, double> value) => [.. Enumerable.Range(0, Samples).Select(value)];
        _curve = new MarginCurve(
            Column(i => Math.Sqrt(Dot(_raw[i], _raw[i]))), Column(i => Cosine(_raw[i], _targets[i])), Column(i => Cosine(_raw[i], _lasts[i])),
            Column(i => Dot(_targets[i], _lasts[i])));

        double[][] Vectors(Func<int, double> plus) => [.. Enumerable.Range(0, Samples).Select(sample =>
        {
            double[] vector = [.. Enumerable.Range(0, Dimension).Select(c => plus(sample * Dimension + c) + 0.5 * (random.NextDouble() - 0.5))];
            double norm = Math.Sqrt(Dot(vector, vector));
            return vector.Select(v => v / norm).ToArray();
        })];
    }

    [Theory]
    [InlineData(-3.5)]
    [InlineData(0)]
    [InlineData(0.37)]
    [InlineData(1)]
    public void The_margin_is_that_of_the_subtracted_vectors(double alpha) => Assert.Equal(Margin(alpha), _curve.At(alpha), 1e-12);

    [Theory]
    [InlineData(-0.02)]
    [InlineData(0)]
    [InlineData(0.05)]
    public void A_margin_in_reach_is_met(double change)
    {
        double margin = Margin(0) + change, alpha = _curve.AlphaAt(margin);
        Assert.Equal(margin, Margin(alpha), 1e-12);
        Assert.Equal(Math.Sign(change), Math.Sign(Math.Round(alpha, 9)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_margin_out_of_reach_has_no_alpha(double margin) => Assert.Equal(double.NaN, _curve.AlphaAt(margin));

    private double Margin(double alpha) => Enumerable.Range(0, Samples).Average(i =>
    {
        double[] p = [.. _raw[i].Zip(_lasts[i], (m, q) => m - alpha * q)];
        return Cosine(p, _targets[i]) - Cosine(p, _lasts[i]);
    });

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double Cosine(double[] a, double[] b) => Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b));
}
