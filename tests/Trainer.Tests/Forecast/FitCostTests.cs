using P6bNative.Trainer.Forecast;

namespace P6bNative.Trainer.Tests.Forecast;

public sealed class FitCostTests
{
    /// <summary>7,823 windows of 5 x 512, as the bundled sample has them: the full model on all epochs makes its own forecast, on one epoch, or a small one, does not.</summary>
    [Theory]
    [InlineData(17_900_000, 12, false)]
    [InlineData(17_900_000, 1, true)]
    [InlineData(150_000, 8, true)]
    public void A_run_of_the_sample_makes_its_own_where_the_fit_is_one_percent_of_it(double parameters, int epochs, bool tooMuch)
    {
        const double windows = 7823;
        double ridge = FitCost.OfRidge(windows, 2560, 512), training = FitCost.OfTraining(parameters, epochs * windows, 5);
        Assert.InRange(ridge, 7.5e10, 9.5e10);
        Assert.Equal(tooMuch, ridge > 0.01 * training);
        string? reason = FitCost.TooMuch(ridge, training, 2560);
        Assert.Equal(tooMuch, reason is not null);
        if (tooMuch) Assert.Contains("%", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(11_585, false)]
    [InlineData(11_586, true)]
    public void A_matrix_above_a_gibibyte_is_too_much_for_any_run(long inputs, bool tooMuch) =>
        Assert.Equal(tooMuch, FitCost.TooMuch(1, 1e9, inputs) is not null);
}
