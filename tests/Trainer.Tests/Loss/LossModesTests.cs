using System.Globalization;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Tests.Loss;

public class LossModesTests
{
    [Theory]
    [InlineData(1, 0.02, 0.10)]
    [InlineData(3, 0.02, 0.10)]
    [InlineData(4, 0.03, 0.15)]
    [InlineData(6, 0.03, 0.15)]
    [InlineData(7, 0.04, 0.20)]
    [InlineData(9, 0.04, 0.20)]
    [InlineData(10, 0.05, 0.25)]
    [InlineData(12, 0.05, 0.25)]
    [InlineData(13, 0.05, 0.25)]
    [InlineData(1000, 0.05, 0.25)]
    public void Schedule_of_v21_by_epoch(int epoch, double marginGap, double fraction)
    {
        Stage stage = LossModes.P6bV21.StageFor(epoch);
        Assert.Equal((marginGap, fraction, 0.25), (stage.MarginGap, stage.Fraction, stage.RhoCap));
    }

    /// <summary>Stage by stage from the published tables: first epoch, margin, fraction or target ρ, cap.</summary>
    [Theory]
    [InlineData("p6b-v1", "1 0.02 0.1 ∞, 3 0.04 0.2 ∞, 6 0.05 0.25 ∞")]
    [InlineData("p6b-v2", "1 0.02 0.1 ∞, 4 0.03 0.15 ∞, 7 0.04 0.2 ∞, 10 0.05 0.25 ∞")]
    [InlineData("p6b-v2.2", "1 0.02 0.15 0.35, 3 0.04 0.25 0.45, 5 0.06 0.35 0.5, 9 0.07 0.35 0.5")]
    [InlineData("p6b-v2.3", "1 0.02 0.15 0.3, 5 0.03 0.2 0.35, 8 0.04 0.25 0.4")]
    public void Schedule_of_the_other_modes(string mode, string stages) =>
        Assert.Equal(stages, string.Join(", ", LossModes.Find(mode).Stages.Select(s => string.Create(
            CultureInfo.InvariantCulture, $"{s.FirstEpoch} {s.MarginGap} {s.Fraction} {(double.IsInfinity(s.RhoCap) ? "∞" : $"{s.RhoCap}")}"))));

    [Fact]
    public void Epochs_count_from_one() => Assert.Throws<ArgumentOutOfRangeException>(() => LossModes.P6bV21.StageFor(0));

    [Fact]
    public void Every_table_starts_at_epoch_one_and_rises()
    {
        foreach (LossMode mode in LossModes.All)
        {
            Assert.Equal(1, mode.Stages[0].FirstEpoch);
            Assert.True(mode.Stages.Zip(mode.Stages.Skip(1)).All(pair => pair.First.FirstEpoch < pair.Second.FirstEpoch), mode.Name);
        }
    }

    [Fact]
    public void Modes_are_found_by_name()
    {
        Assert.Same(LossModes.P6, LossModes.Find("p6"));
        Assert.Same(LossModes.P6bV21, LossModes.Find("p6b-v2.1"));
    }

    [Theory]
    [InlineData("p6b-v21", "--mode p6b-v21 is unknown; use one of: p6, p6b-v1, p6b-v2, p6b-v2.1, p6b-v2.2, p6b-v2.3, p6b-v3, p6-nce.")]
    [InlineData("P6", "--mode P6 is unknown; use one of: p6, p6b-v1, p6b-v2, p6b-v2.1, p6b-v2.2, p6b-v2.3, p6b-v3, p6-nce.")]
    public void Other_names_are_an_input_error(string name, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => LossModes.Find(name)).Message);
}
