namespace P6bNative.Trainer.Loss;

/// <summary>The table of loss versions, constants from the original trainer's code.</summary>
internal static class LossModes
{
    /// <summary>Pure MSE of the raw output.</summary>
    public static LossMode P6 { get; } = new()
    {
        Name = "p6",
        Stages = [new(1, 0, 0, double.PositiveInfinity)],
    };

    /// <summary>Gap term alone, steep (γ = 8) and strong (λ up to 5e-2), without cap or skip: the version that collapsed.</summary>
    public static LossMode P6bV1 { get; } = new()
    {
        Name = "p6b-v1",
        LogTag = "P6b dir",
        HasDirectionalTerm = true,
        Gamma = 8,
        Alpha = 1,
        LambdaMin = 1e-4,
        LambdaMax = 5e-2,
        Stages = [new(1, 0.02, 0.10, double.PositiveInfinity), new(3, 0.04, 0.20, double.PositiveInfinity), new(6, 0.05, 0.25, double.PositiveInfinity)],
    };

    /// <summary>v1 with γ = 4, a lower ceiling of λ, a slower schedule and a skip where either mean cosine is negative.</summary>
    public static LossMode P6bV2 { get; } = new()
    {
        Name = "p6b-v2",
        LogTag = "P6b dir",
        HasDirectionalTerm = true,
        Gamma = 4,
        Alpha = 1,
        LambdaMin = 1e-4,
        LambdaMax = 2e-2,
        SkipRules =
        [
            new(0.0, double.PositiveInfinity, "mean pos < 0"),
            new(double.PositiveInfinity, 0.0, "mean neg < 0"),
        ],
        Stages =
        [
            new(1, 0.02, 0.10, double.PositiveInfinity), new(4, 0.03, 0.15, double.PositiveInfinity),
            new(7, 0.04, 0.20, double.PositiveInfinity), new(10, 0.05, 0.25, double.PositiveInfinity),
        ],
    };

    /// <summary>Gap and ratio terms, ρ cap, positive floor, skip on bad signs; epochs 1-3, 4-6, 7-9 and from 10.</summary>
    public static LossMode P6bV21 { get; } = new()
    {
        Name = "p6b-v2.1",
        LogTag = "P6b v2.1",
        HasDirectionalTerm = true,
        Gamma = 4,
        Alpha = 0.7,
        MarginRatio = 0.05,
        LambdaMin = 1e-4,
        LambdaMax = 2e-2,
        FloorTau = 0.10,
        FloorWeight = 1e-3,
        NormWeight = 1e-3,
        SkipRules =
        [
            new(0.0, double.PositiveInfinity, "mean pos < 0"),
            new(0.05, -0.05, "mean pos < 0.05 and mean neg < -0.05"),
        ],
        Stages = [new(1, 0.02, 0.10, 0.25), new(4, 0.03, 0.15, 0.25), new(7, 0.04, 0.20, 0.25), new(10, 0.05, 0.25, 0.25)],
    };

    /// <summary>v2.1 with a ρ controller towards a higher target, a stronger floor and the orthogonality penalty (its documented constants).</summary>
    public static LossMode P6bV22 { get; } = P6bV21 with
    {
        Name = "p6b-v2.2",
        LogTag = "P6b v2.2",
        LambdaMax = 3e-2,
        FloorTau = 0.12,
        FloorWeight = 2e-3,
        OrthogonalityWeight = 5e-4,
        RhoFloorShare = 0.8,
        Stages = [new(1, 0.02, 0.15, 0.35), new(3, 0.04, 0.25, 0.45), new(5, 0.06, 0.35, 0.50), new(9, 0.07, 0.35, 0.50)],
    };

    /// <summary>v2.2 with less pressure, and λ let through only as the cosine to the target grows from .30 to .45.</summary>
    public static LossMode P6bV23 { get; } = P6bV21 with
    {
        Name = "p6b-v2.3",
        LogTag = "P6b v2.3",
        LambdaMax = 1.8e-2,
        OrthogonalityWeight = 1e-4,
        RhoFloorShare = 0.8,
        ConfidenceFrom = 0.30,
        ConfidenceWidth = 0.15,
        Stages = [new(1, 0.02, 0.15, 0.30), new(5, 0.03, 0.20, 0.35), new(8, 0.04, 0.25, 0.40)],
    };

    /// <summary>A linear term against the last context under a capped dual pressure: a margin that is asked for, and no fold to fall over.</summary>
    public static LossMode P6bV3 { get; } = new()
    {
        Name = "p6b-v3",
        LogTag = "P6b v3",
        HasDirectionalTerm = true,
        DefaultNegativeSlot = 4,
        GradientCap = 0.8,
        Dual = new() { Margin = 0.05, Rate = 0.01, MaxPressure = 0.6, WarmupShare = 0.25, CollapseShare = 0.75 },
        ConstantRateShare = 0.25,
        Stages = [new(1, 0, 0, double.PositiveInfinity)],
    };

    /// <summary>A mode for use instead of a margin: the target is to be nearer than the other chunks of its article that were not given as context.</summary>
    public static LossMode P6Nce { get; } = new()
    {
        Name = "p6-nce",
        LogTag = "P6 NCE",
        HasDirectionalTerm = true,
        DefaultNegativeSlot = 4,
        LambdaMax = 1,
        GradientCap = 1,
        InArticle = new() { Negatives = 24, Temperature = 0.05 },
        ConstantRateShare = 0.25,
        BestByRetrieval = true,
        Stages = [new(1, 0, 0, double.PositiveInfinity)],
    };

    /// <summary>Every mode of this version.</summary>
    public static IReadOnlyList<LossMode> All { get; } = [P6, P6bV1, P6bV2, P6bV21, P6bV22, P6bV23, P6bV3, P6Nce];

    /// <summary>The mode of that name.</summary>
    /// <exception cref="InputException">There is none; the message lists those there are.</exception>
    public static LossMode Find(string name)
    {
        foreach (LossMode mode in All)
        {
            if (mode.Name == name)
                return mode;
        }

        throw new InputException($"--mode {name} is unknown; use one of: {string.Join(", ", All.Select(mode => mode.Name))}.");
    }
}
