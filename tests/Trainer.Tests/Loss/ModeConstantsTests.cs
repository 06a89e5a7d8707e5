using System.Text.Json;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Tests.Loss;

public class ModeConstantsTests
{
    [Fact]
    public void Every_mode_comes_back_as_it_was()
    {
        foreach (LossMode mode in LossModes.All)
        {
            LossMode again = ModeConstants.Apply(mode, ModeConstants.Of(mode), "f");
            Assert.Equal(ModeConstants.Of(mode).GetRawText(), ModeConstants.Of(again).GetRawText());
            Assert.Empty(ModeConstants.Differences(again));
        }
    }

    [Fact]
    public void Any_constant_can_be_replaced_and_is_named()
    {
        LossMode mode = Apply(LossModes.P6bV21, """{"gamma": 8, "skip_rules": [], "stages": [{"first_epoch": 1, "margin_gap": 0.1, "fraction": 0.4, "rho_cap": "Infinity"}]}""");
        Assert.Equal((8.0, 0.7), (mode.Gamma, mode.Alpha));
        Assert.Equal([new Stage(1, 0.1, 0.4, double.PositiveInfinity)], mode.Stages);
        Assert.Empty(mode.SkipRules);
        Assert.Equal(3, ModeConstants.Differences(mode).Count());
        Assert.Contains("gamma 8 (table: 4)", ModeConstants.Differences(mode));
    }

    /// <summary>Every key that the file shows can be set there, to another value of its kind.</summary>
    [Fact]
    public void Every_key_has_an_effect()
    {
        foreach (JsonProperty constant in ModeConstants.Of(LossModes.P6bV22).EnumerateObject().Where(c => c.Value.ValueKind == JsonValueKind.Number))
        {
            double other = constant.Name == "default_negative_slot" ? 4 : constant.Value.GetDouble() + 1.0 / 64;
            LossMode mode = Apply(LossModes.P6bV22, $$"""{"{{constant.Name}}": {{JsonSerializer.Serialize(other)}}}""");
            Assert.StartsWith(constant.Name + " ", Assert.Single(ModeConstants.Differences(mode)));
        }
    }

    [Theory]
    [InlineData("[]", "must be an object")]
    [InlineData("""{"gama": 8}""", "unknown key gama; the keys are default_negative_slot, gamma, ")]
    [InlineData("""{"gamma": "eight"}""", "gamma")]
    [InlineData("""{"gamma": null}""", "gamma")]
    [InlineData("""{"gamma": 0}""", "gamma 0: must be a positive number")]
    [InlineData("""{"alpha": 1.5}""", "alpha 1.5: must be in [0, 1]")]
    [InlineData("""{"lambda_min": 0.5}""", "lambda_max 0.02: must be finite and at least lambda_min 0.5")]
    [InlineData("""{"name": "p6b-v1"}""", "name p6b-v1 is not that of p6b-v2.1")]
    [InlineData("""{"has_directional_term": false}""", "has_directional_term")]
    [InlineData("""{"stages": []}""", "the first stage must start at first_epoch 1")]
    [InlineData("""{"stages": null}""", "stages")]
    [InlineData("""{"stages": [{"first_epoch": 2, "margin_gap": 0.1, "fraction": 0.4, "rho_cap": 1}]}""", "the first stage must start at first_epoch 1")]
    [InlineData("""{"stages": [{"first_epoch": 1, "margin_gap": 0.1}]}""", "stages")]
    [InlineData("""{"stages": [{"first_epoch": 1, "margin_gap": 0.1, "fraction": -1, "rho_cap": 1}]}""", "stages[0].fraction -1: must be 0 or more")]
    [InlineData("""{"skip_rules": null}""", "skip_rules")]
    public void What_is_not_usable_is_named(string constants, string message)
    {
        string refusal = Assert.Throws<InputException>(() => Apply(LossModes.P6bV21, constants)).Message;
        Assert.StartsWith("my.json: mode_constants", refusal);
        Assert.Contains(message, refusal);
        Assert.DoesNotContain('\n', refusal);
    }

    private static LossMode Apply(LossMode mode, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return ModeConstants.Apply(mode, document.RootElement.Clone(), "my.json");
    }
}
