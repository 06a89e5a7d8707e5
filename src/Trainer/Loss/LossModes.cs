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

    /// <summary>Every mode of this version.</summary>
    public static IReadOnlyList<LossMode> All { get; } = [P6, P6bV21];

    private static readonly string[] DocumentedOnly = ["p6b-v1", "p6b-v2", "p6b-v2.2", "p6b-v2.3", "p6b-v3"];

    /// <summary>The mode of that name.</summary>
    /// <exception cref="InputException">There is none; the message lists those there are.</exception>
    public static LossMode Find(string name)
    {
        foreach (LossMode mode in All)
        {
            if (mode.Name == name)
                return mode;
        }

        string fault = DocumentedOnly.Contains(name) ? "is not in this version" : "is unknown";
        throw new InputException($"--mode {name} {fault}; use one of: {string.Join(", ", All.Select(mode => mode.Name))}.");
    }
}
