using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace P6bNative.Trainer.Loss;

/// <summary>
/// A mode's constants as <c>config.json</c> holds them (key <c>mode_constants</c>): complete in a run's folder; in a user's own file any part of them,
/// which then replaces the table's.
/// </summary>
internal static class ModeConstants
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    // They say which code runs and how its lines look, not how strong it is.
    private static readonly string[] Identity = ["name", "log_tag", "has_directional_term"];

    /// <summary>All constants of a mode.</summary>
    public static JsonElement Of(LossMode mode) => JsonSerializer.SerializeToElement(mode, Json);

    /// <summary>A mode with some of its constants replaced.</summary>
    /// <param name="mode">The mode of the table.</param>
    /// <param name="constants">An object with any of the keys of <see cref="Of"/>; a list replaces the whole list. Null: nothing to replace.</param>
    /// <param name="where">The file, for messages.</param>
    /// <exception cref="InputException">An unknown key, a wrong type or a value outside its range.</exception>
    public static LossMode Apply(LossMode mode, JsonElement? constants, string where)
    {
        if (constants is not { } given) return mode;
        if (given.ValueKind != JsonValueKind.Object)
            throw new InputException($"{where}: mode_constants must be an object with some of the constants of {mode.Name}.");
        JsonObject merged = JsonObject.Create(Of(mode))!;
        foreach (JsonProperty constant in given.EnumerateObject())
        {
            if (!merged.ContainsKey(constant.Name))
                throw new InputException($"{where}: mode_constants: unknown key {constant.Name}; the keys are {string.Join(", ", Keys(merged))}.");
            if (Identity.Contains(constant.Name) && !JsonElement.DeepEquals(JsonSerializer.SerializeToElement(merged[constant.Name]), constant.Value))
                throw new InputException($"{where}: mode_constants: {constant.Name} {constant.Value} is not that of {mode.Name} and cannot be overridden; choose another mode.");
            merged[constant.Name] = JsonNode.Parse(constant.Value.GetRawText());
        }

        try
        {
            LossMode result = merged.Deserialize<LossMode>(Json)!;
            if ((result.Dual is null) != (mode.Dual is null))
                throw new InputException($"{where}: mode_constants: dual: {(mode.Dual is null ? $"{mode.Name} has no dual pressure" : "cannot be null")}.");
            if ((result.InArticle is null) != (mode.InArticle is null))
                throw new InputException($"{where}: mode_constants: in_article: {(mode.InArticle is null ? $"{mode.Name} has no such term" : "cannot be null")}.");
            Validate(result, where);
            return result;
        }
        catch (JsonException e)
        {
            throw new InputException($"{where}: mode_constants: {e.Path?.TrimStart('$', '.')}: not a value of the right type.", e);
        }
    }

    /// <summary>What differs from the table, as <c>gamma 8 (table: 4)</c>.</summary>
    public static IEnumerable<string> Differences(LossMode mode)
    {
        Dictionary<string, JsonElement> table = Of(LossModes.Find(mode.Name)).EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        foreach (JsonProperty constant in Of(mode).EnumerateObject())
        {
            if (!JsonElement.DeepEquals(table[constant.Name], constant.Value))
                yield return $"{constant.Name} {constant.Value} (table: {table[constant.Name]})";
        }
    }

    private static IEnumerable<string> Keys(JsonObject constants) => constants.Select(c => c.Key).Except(Identity);

    private static void Validate(LossMode mode, string where)
    {
        void Require(bool holds, string key, double value, string right)
        {
            if (!holds) throw new InputException($"{where}: mode_constants: {key} {value:R}: must be {right}.");
        }

        Require(mode.DefaultNegativeSlot is >= 0 and <= 4, "default_negative_slot", mode.DefaultNegativeSlot, "0 .. 4");
        if (mode.HasDirectionalTerm && mode.Dual is null && mode.InArticle is null) Require(double.IsFinite(mode.Gamma) && mode.Gamma > 0, "gamma", mode.Gamma, "a positive number");
        Require(mode.Alpha is >= 0 and <= 1, "alpha", mode.Alpha, "in [0, 1]");
        Require(double.IsFinite(mode.MarginRatio), "margin_ratio", mode.MarginRatio, "a finite number");
        Require(mode.LambdaMin >= 0, "lambda_min", mode.LambdaMin, "0 or more");
        Require(mode.LambdaMax >= mode.LambdaMin && double.IsFinite(mode.LambdaMax), "lambda_max", mode.LambdaMax, $"finite and at least lambda_min {mode.LambdaMin:R}");
        Require(mode.FloorTau is >= -1 and <= 1, "floor_tau", mode.FloorTau, "a cosine");
        Require(double.IsFinite(mode.FloorWeight) && mode.FloorWeight >= 0, "floor_weight", mode.FloorWeight, "0 or more");
        Require(double.IsFinite(mode.NormWeight) && mode.NormWeight >= 0, "norm_weight", mode.NormWeight, "0 or more");
        Require(double.IsFinite(mode.OrthogonalityWeight) && mode.OrthogonalityWeight >= 0, "orthogonality_weight", mode.OrthogonalityWeight, "0 or more");
        Require(mode.RhoFloorShare is >= 0 and <= 1, "rho_floor_share", mode.RhoFloorShare, "in [0, 1]");
        Require(double.IsFinite(mode.ConfidenceFrom), "confidence_from", mode.ConfidenceFrom, "a finite number");
        Require(double.IsFinite(mode.ConfidenceWidth) && mode.ConfidenceWidth >= 0, "confidence_width", mode.ConfidenceWidth, "0 or more");
        if (mode.Stages.IsDefaultOrEmpty || mode.Stages[0].FirstEpoch != 1)
            throw new InputException($"{where}: mode_constants: stages: the first stage must start at first_epoch 1.");
        for (int i = 0; i < mode.Stages.Length; i++)
        {
            Stage stage = mode.Stages[i];
            Require(i == 0 || stage.FirstEpoch > mode.Stages[i - 1].FirstEpoch, $"stages[{i}].first_epoch", stage.FirstEpoch, "above that of the stage before it");
            Require(double.IsFinite(stage.MarginGap), $"stages[{i}].margin_gap", stage.MarginGap, "a finite number");
            Require(double.IsFinite(stage.Fraction) && stage.Fraction >= 0, $"stages[{i}].fraction", stage.Fraction, "0 or more");
            Require(stage.RhoCap > 0, $"stages[{i}].rho_cap", stage.RhoCap, "above 0 (\"Infinity\" for none)");
        }

        Require(mode.GradientCap > 0, "gradient_cap", mode.GradientCap, "above 0 (\"Infinity\" for none)");
        if (mode.Dual is { } dual)
        {
            Require(dual.Margin is > -2 and < 2, "dual.margin", dual.Margin, "a difference of two cosines");
            Require(double.IsFinite(dual.Rate) && dual.Rate >= 0, "dual.rate", dual.Rate, "0 or more");
            Require(double.IsFinite(dual.MaxPressure) && dual.MaxPressure >= 0, "dual.max_pressure", dual.MaxPressure, "0 or more");
            Require(dual.WarmupShare is >= 0 and < 1, "dual.warmup_share", dual.WarmupShare, "in [0, 1)");
            Require(dual.CollapseShare is >= 0 and < 1, "dual.collapse_share", dual.CollapseShare, "in [0, 1)");
        }

        if (mode.InArticle is { } contrast)
        {
            Require(contrast.Negatives is >= 1 and <= 4096, "in_article.negatives", contrast.Negatives, "1 .. 4096");
            Require(double.IsFinite(contrast.Temperature) && contrast.Temperature > 0, "in_article.temperature", contrast.Temperature, "a positive number");
        }

        if (mode.ConstantRateShare is { } share) Require(share is >= 0 and <= 1, "constant_rate_share", share, "in [0, 1], or null for the plateau schedule");
        if (mode.SkipRules.IsDefault) throw new InputException($"{where}: mode_constants: skip_rules must be a list; [] for none.");
    }
}
