using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Guardrails;

namespace P6bNative.Trainer.Tests.Guardrails;

public class FiniteGuardTests
{
    private static readonly int Columns = LossStatistics.Columns(5);

    [Fact]
    public void Finite_statistics_pass() => Assert.Null(FiniteGuard.FindStatistics(new double[3 * Columns], 3, 5));

    [Theory]
    [InlineData(0, LossStatistics.SquaredError, double.NaN, "|raw - target|^2 is NaN in row 0 of a batch of 3")]
    [InlineData(2, LossStatistics.RawSquared, double.PositiveInfinity, "|raw|^2 is Infinity in row 2 of a batch of 3")]
    [InlineData(1, LossStatistics.TargetSquared, double.NaN, "|target|^2 is NaN in row 1 of a batch of 3")]
    [InlineData(1, LossStatistics.RawTarget, double.NegativeInfinity, "raw*target is -Infinity in row 1 of a batch of 3")]
    [InlineData(1, 16, double.NaN, "raw*context[4] is NaN in row 1 of a batch of 3")]
    [InlineData(1, 8, double.NaN, "|context[1]|^2 is NaN in row 1 of a batch of 3")]
    [InlineData(1, 12, double.NaN, "target*context[2] is NaN in row 1 of a batch of 3")]
    public void The_first_that_is_not_is_named(int row, int column, double value, string expected)
    {
        var statistics = new double[3 * Columns];
        statistics[row * Columns + column] = value;
        Assert.Equal(expected, FiniteGuard.FindStatistics(statistics, 3, 5));
    }

    [Fact]
    public void Rows_beyond_the_batch_are_not_looked_at()
    {
        var statistics = new double[3 * Columns];
        statistics[2 * Columns] = double.NaN;
        Assert.Null(FiniteGuard.FindStatistics(statistics, 2, 5));
    }

    [Fact]
    public void Scalars()
    {
        Assert.Null(FiniteGuard.FindScalar("gradient norm", 3));
        Assert.Equal("gradient norm is Infinity", FiniteGuard.FindScalar("gradient norm", double.PositiveInfinity));
        Assert.Equal("loss is NaN", FiniteGuard.FindScalar("loss", double.NaN));
    }
}
