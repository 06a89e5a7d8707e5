using P6bNative.Trainer.Telemetry;
using P6bNative.Trainer.Tests.Comparison;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Telemetry;

public sealed class RecordedForecastTests
{
    [Theory]
    [InlineData(-0.1, 0.0, 0.68)]
    [InlineData(-0.05, 0.1, 0.665)]
    [InlineData(0.05, 0.3, 0.6)]
    [InlineData(0.1, 0.4, 0.55)]
    [InlineData(-0.11, double.NaN, double.NaN)]
    [InlineData(0.11, double.NaN, double.NaN)]
    [InlineData(double.NaN, double.NaN, double.NaN)]
    public void The_curve_is_interpolated_on_its_rising_part(double margin, double alpha, double cosine)
    {
        using var folder = new TestFolder();
        MadeUpForecast.Write(folder.Path, "p6b-v1", "ctx3", collapses: true);
        RecordedForecast forecast = RecordedForecast.TryRead(folder["forecast.json"], out string? problem)!;
        Assert.Null(problem);
        RecordedPoint? point = forecast.AtMargin(margin);
        Assert.Equal(double.IsNaN(alpha), point is null);
        if (point is not { } at) return;
        Assert.Equal(alpha, at.Alpha, 1e-12);
        Assert.Equal(cosine, at.Cosine, 1e-12);
    }

    [Fact]
    public void Stages_are_found_by_epoch_and_a_collapse_has_no_rest()
    {
        using var folder = new TestFolder();
        MadeUpForecast.Write(folder.Path, "p6b-v1", "ctx3", collapses: true);
        RecordedForecast forecast = RecordedForecast.TryRead(folder["forecast.json"], out _)!;
        Assert.Equal(0.67, forecast.StageFor(2)!.Value.Cosine);
        RecordedStage second = forecast.StageFor(12)!.Value;
        Assert.True(second.Collapses);
        Assert.True(double.IsNaN(second.Cosine) && double.IsNaN(second.Margin));
        Assert.Null(forecast.StageFor(0));
    }

    [Fact]
    public void No_file_is_no_problem() => Assert.Null(RecordedForecast.TryRead("nowhere.json", out string? problem) ?? (object?)problem);

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "an object is needed")]
    [InlineData("{}", "curve_negative")]
    [InlineData("\"curve_negative\":\"ctx3\"", "\"curve_negative\":\"ctx7\"", "curve_negative")]
    [InlineData("\"negative\":\"ctx3\"", "\"negative\":\"ctx2\"", "ctx2")]
    [InlineData("\"mode\":\"p6b-v1\"", "\"mode\":7", "mode must be a text")]
    [InlineData("\"stages\":[", "\"stages\":[7,", "stages[0]")]
    [InlineData("\"collapses\":true", "\"collapses\":null", "stages[1]")]
    [InlineData("\"first_epoch\":3", "\"first_epoch\":0", "first_epoch")]
    [InlineData("\"cosine\":0.68", "\"cosine\":null", "curve[0]: cosine")]
    [InlineData("\"margins\":[1,1,1,0.1,1]", "\"margins\":[1]", "curve[2]: margins")]
    public void A_damaged_file_is_a_problem_that_names_the_place(params string[] change)
    {
        using var folder = new TestFolder();
        string file = folder["forecast.json"];
        if (change.Length == 2)
        {
            File.WriteAllText(file, change[0]);
        }
        else
        {
            MadeUpForecast.Write(folder.Path, "p6b-v1", "ctx3", collapses: true);
            string text = File.ReadAllText(file);
            Assert.Contains(change[0], text);
            File.WriteAllText(file, text.Replace(change[0], change[1]));
        }

        Assert.Null(RecordedForecast.TryRead(file, out string? problem));
        Assert.Contains(file, problem);
        Assert.Contains(change[^1], problem);
    }
}
