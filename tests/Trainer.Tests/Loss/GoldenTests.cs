using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Tests.Loss;

/// <summary>Values of the original's loss functions, double precision, on one fixed batch with D = 4.</summary>
public class GoldenTests
{
    private const double Rounding = 5.1e-13; // the expected values carry twelve digits

    private static readonly double[][] Prediction = [[1, 2, 3, 4], [-1, .5, 2, -.25]];
    private static readonly double[][] Next = [[2, 1, 0, 1], [.5, 1, 1, 0]];
    private static readonly double[][] Previous = [[0, 1, 1, 3], [-2, 0, 1, 1]];
    private static readonly VectorBatch Batch = new(Prediction, Next, [[Previous[0]], [Previous[1]]]);

    [Fact]
    public void Cosines_and_their_means()
    {
        BatchStatistics statistics = Read(Batch);
        Assert.Equal(0.587383007425, statistics.MeanPos, Rounding);
        Assert.Equal(0.800015182256, statistics.MeanNeg, Rounding);
        Assert.Equal(-0.212632174831, statistics.MeanGap, Rounding);
        Assert.Equal(-0.145300109760, statistics.MeanRatio, Rounding);
    }

    [Theory]
    [InlineData(4, 0.7, 0.05, 0.328256309205)]
    [InlineData(4, 0.7, 0.02, 0.313182054862)]
    [InlineData(4, 1.0, 0.05, 0.343775319359)]
    [InlineData(4, 0.0, 0.05, 0.292045285511)]
    [InlineData(8, 1.0, 0.05, 0.283523325322)]
    [InlineData(4, 1.0, 0.02, 0.322240670299)]
    public void Directional_loss_gap_part_ratio_part_and_smooth_form(double gamma, double alpha, double marginGap, double expected)
    {
        (double value, _) = Directional(new DirectionalParameters(gamma, alpha, marginGap, 0.05));
        Assert.Equal(expected, value, Rounding);
    }

    [Fact]
    public void Directional_loss_gradient_by_the_prediction()
    {
        double[][] expected =
        [
            [-0.05970436, -0.01570785, 0.00923585, 0.01585313],
            [-0.14292661, -0.08883551, -0.04270690, 0.05238025],
        ];
        (_, double[][] gradient) = Directional(new DirectionalParameters(4, 0.7, 0.05, 0.05));
        for (int b = 0; b < 2; b++)
        {
            for (int d = 0; d < 4; d++)
                Assert.Equal(expected[b][d], gradient[b][d], 5e-9);
        }
    }

    [Fact]
    public void Terms_on_cosines()
    {
        BatchStatistics statistics = Read(Batch);
        Assert.Equal(0.262632174831, CosineTerms.MarginHinge(statistics.Pos, statistics.Neg, 0.05), Rounding);
        Assert.Equal(1.471493341338, CosineTerms.MicroDirectional(statistics.Pos, statistics.Neg, 5, 0.02), Rounding);
        Assert.Equal(0.658467023173, CosineTerms.Orthogonality(statistics.Neg), Rounding);
    }

    [Fact]
    public void Norm_regularisation_of_the_unnormalised_prediction()
    {
        BatchStatistics statistics = Read(Batch);
        Assert.Equal(10.874138310625, NormPenalty.Of(statistics.RawNorm), Rounding);
        Assert.Equal(0, NormPenalty.OfOutputs(statistics.RawNorm), 1e-30);
    }

    [Fact]
    public void Positive_floor()
    {
        BatchStatistics statistics = Read(Batch with { Target = [[-1, 0, 0, 0], Next[1]] });
        Assert.Equal(0.039924085250, PositiveFloor.Evaluate(statistics.Pos, 0.10, 0, new double[2]), Rounding);
    }

    [Fact]
    public void Mean_squared_error()
    {
        // ((1+1+9+9) + (2.25+.25+1+.0625))/8
        Assert.Equal(2.9453125, Read(Batch).Mse, Rounding);
    }

    [Theory]
    [InlineData(.001, .10, .20, 0.002, 0.20)]
    [InlineData(.00094, .2055, .10, 0.000457421, 0.10)]
    [InlineData(.001, .005, .25, 0.02, 0.10)]
    public void Lambda(double mse, double dir, double fraction, double lambda, double rho)
    {
        GuardrailDecision decision = GuardrailController.Decide(new(mse, dir, 0.5, 0.5), new Stage(1, 0.02, fraction, 0.25), LossModes.P6bV21);
        Assert.Equal(lambda, decision.LambdaEff, 5e-10);
        Assert.Equal(rho, decision.Rho, 1e-8);
    }

    private static BatchStatistics Read(VectorBatch batch)
    {
        var statistics = new BatchStatistics(batch.Dimension, batch.ContextLength, 0, batch.Size);
        statistics.Read(batch.Statistics(), batch.Size);
        return statistics;
    }

    private static (double Value, double[][] Gradient) Directional(DirectionalParameters parameters)
    {
        BatchStatistics statistics = Read(Batch);
        var dPos = new double[2];
        var dNeg = new double[2];
        double value = DirectionalLoss.Evaluate(statistics.Pos, statistics.Neg, parameters, dPos, dNeg);

        var coefficients = new double[2 * LossCoefficients.Columns];
        for (int b = 0; b < 2; b++)
        {
            Span<double> row = coefficients.AsSpan(b * LossCoefficients.Columns, LossCoefficients.Columns);
            double norm = statistics.RawNorm[b];
            row[LossCoefficients.Target] = dPos[b] / (norm * statistics.TargetNorm[b]);
            row[LossCoefficients.Negative] = dNeg[b] / (norm * statistics.NegativeNorm[b]);
            row[LossCoefficients.Raw] = -(dPos[b] * statistics.Pos[b] + dNeg[b] * statistics.Neg[b]) / (norm * norm);
        }

        return (value, Batch.Gradient(coefficients, slot: 0));
    }
}
