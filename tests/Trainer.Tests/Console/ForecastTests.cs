using System.Text.Json;
using P6bNative.Trainer.Tests.Training;

namespace P6bNative.Trainer.Tests.Console;

public sealed class ForecastTests
{
    private static readonly string Data = TinyRun.Fixture("parity", "even", "data.npz");

    [Theory]
    [InlineData("p6", 1, false)]
    [InlineData("p6b-v1", 3, true)]
    [InlineData("p6b-v2.2", 4, true)]
    [InlineData("p6b-v3", 1, false)]
    public void Every_stage_of_a_mode_is_in_the_json(string mode, int stages, bool hasFolds)
    {
        using JsonDocument document = Json("--mode", mode);
        JsonElement forecast = document.RootElement;
        Assert.Equal(mode, forecast.GetProperty("mode").GetString());
        Assert.Equal(stages, forecast.GetProperty("stages").GetArrayLength());
        Assert.Equal(hasFolds, forecast.GetProperty("folds").GetArrayLength() > 0);
        Assert.Equal(0, forecast.GetProperty("curve")[0].GetProperty("alpha").GetDouble());
        Assert.Equal(5, forecast.GetProperty("curve")[0].GetProperty("margins").GetArrayLength());
        foreach (string name in (string[])["alpha", "cosine", "margins", "k", "fold", "collapses"])
            Assert.True(forecast.GetProperty("definitions").TryGetProperty(name, out _), name);
    }

    [Theory]
    [InlineData("p6", "no directional term")]
    [InlineData("p6b-v2.1", "fold by gamma")]
    [InlineData("p6b-v3", "s_max")]
    public void The_text_says_how_it_ends(string mode, string expected)
    {
        TestConsole run = TestConsole.Run("forecast", "--data", Data, "--mode", mode);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(expected, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Constants_of_a_config_file_apply()
    {
        using var folder = new TestFolder();
        string config = folder["config.json"];
        File.WriteAllText(config, """{ "mode": "p6b-v1", "mode_constants": { "stages": [ { "first_epoch": 1, "margin_gap": 0.01, "fraction": 0.05, "rho_cap": 0.3 } ] } }""");
        using JsonDocument document = Json("--config", config);
        JsonElement stage = Assert.Single(document.RootElement.GetProperty("stages").EnumerateArray());
        Assert.Equal((0.05, 0.3), (stage.GetProperty("fraction").GetDouble(), stage.GetProperty("rho_cap").GetDouble()));
    }

    [Fact]
    public void A_model_can_stand_for_the_ridge()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["run"], "--mode", "p6", "--init", "pca", "--max-steps", "2").ExitCode);
        string model = Path.Combine(folder["run"], "last.safetensors");
        using JsonDocument document = Json("--model", model);
        Assert.Equal(model, document.RootElement.GetProperty("predictor").GetString());
        TestConsole.Run("forecast", "--data", TinyRun.Fixture("parity", "odd", "data.npz"), "--model", model).AssertRefused("--model", "48", "37");
    }

    [Fact]
    public void Flags_of_other_modes_are_refused()
    {
        TestConsole.Run("forecast", "--data", Data, "--mode", "p6b-v9").AssertRefused("--mode p6b-v9");
        TestConsole.Run("forecast", "--data", Data, "--mode", "p6-nce").AssertRefused("--mode p6-nce", "no forecast");
        TestConsole.Run("forecast", "--data", Data, "--mode", "p6", "--gradient-cap", "0.5").AssertRefused("--gradient-cap");
        TestConsole.Run("forecast", "--data", Data, "--margin", "0.1").AssertRefused("--margin", "p6b-v3");
    }

    private static JsonDocument Json(params string[] flags)
    {
        TestConsole run = TestConsole.Run(["forecast", "--data", Data, "--json", .. flags]);
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonDocument.Parse(run.Output);
    }
}
