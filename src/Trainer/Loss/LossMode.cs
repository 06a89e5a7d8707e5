using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace P6bNative.Trainer.Loss;

/// <summary>
/// Every constant of one loss version: L = mse + λ·L_dir + β·floor + η·norm penalty + κ·orthogonality. A mode is data; no code asks for its name.
/// </summary>
internal sealed record LossMode
{
    /// <summary>The name on the command line, e.g. <c>p6b-v2.1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What stands in brackets in the log lines, e.g. <c>P6b v2.1</c>; null where the mode has none.</summary>
    public string? LogTag { get; init; }

    /// <summary>False: pure MSE; the cosines are still reported.</summary>
    public bool HasDirectionalTerm { get; init; }

    /// <summary>The context slot that serves as negative where the user names none; 3 is ctx[3], lag −3 from the target.</summary>
    public int DefaultNegativeSlot { get; init; } = 3;

    /// <summary>γ of softplus(γ(m − x))/γ.</summary>
    public double Gamma { get; init; }

    /// <summary>α: weight of the gap term; 1 − α is that of the ratio term.</summary>
    public double Alpha { get; init; }

    /// <summary>m_ratio: the ratio gap/(|pos| + |neg|) that the ratio term asks for.</summary>
    public double MarginRatio { get; init; }

    /// <summary>Lower clamp of λ.</summary>
    public double LambdaMin { get; init; }

    /// <summary>Upper clamp of λ.</summary>
    public double LambdaMax { get; init; }

    /// <summary>τ of the positive floor relu(τ − pos)².</summary>
    public double FloorTau { get; init; }

    /// <summary>β: weight of the positive floor.</summary>
    public double FloorWeight { get; init; }

    /// <summary>η: weight of the norm penalty (see <see cref="NormPenalty"/>: vacuous as upstream applies it).</summary>
    public double NormWeight { get; init; }

    /// <summary>κ: weight of the orthogonality penalty, the mean of neg².</summary>
    public double OrthogonalityWeight { get; init; }

    /// <summary>Not null: a linear term under a dual pressure; the hinge, schedule, λ clamps and skip rules below are then not used.</summary>
    public DualPressure? Dual { get; init; }

    /// <summary>Not null: InfoNCE inside the target's article; the hinge, schedule, lower λ clamp and skip rules are then not used.</summary>
    public InArticleContrast? InArticle { get; init; }

    /// <summary>Whether the directional term pushes away from a context slot, which <c>--negative</c> names.</summary>
    [JsonIgnore]
    public bool PushesFromSlot => HasDirectionalTerm && InArticle is null;

    /// <summary>Whether nothing but the MSE moves the weights, as in <c>p6</c> and under a dual pressure that may not rise from 0.</summary>
    [JsonIgnore]
    public bool IsPlainMse => !HasDirectionalTerm || Dual is { MaxPressure: 0 };

    /// <summary>Largest G = ‖∇λL_dir‖/‖∇mse‖; above it λ is scaled down. +∞ for none, as in every mode of the original.</summary>
    public double GradientCap { get; init; } = double.PositiveInfinity;

    /// <summary>Share of the run's steps at the full learning rate, which then falls on a line to 0; null: it falls on plateaus of the validation loss.</summary>
    public double? ConstantRateShare { get; init; }

    /// <summary>True: the best epoch is the one with the highest in-article MRR without contexts; false: with the lowest validation loss.</summary>
    public bool BestByRetrieval { get; init; }

    /// <summary>What makes an epoch the best, in words.</summary>
    public static string BestBy(bool retrieval) => retrieval ? "highest in-article MRR" : "lowest val loss";

    /// <summary>Below this share of the stage's fraction ρ is too low, and λ is raised towards it; 0 for no such controller.</summary>
    public double RhoFloorShare { get; init; }

    /// <summary>Mean pos from which λ is let through at all; see <see cref="ConfidenceWidth"/>.</summary>
    public double ConfidenceFrom { get; init; }

    /// <summary>λ is multiplied by clamp((mean pos − from)/width, 0, 1); 0 for no such gate.</summary>
    public double ConfidenceWidth { get; init; }

    /// <summary>The rules that leave the directional term out; any one suffices.</summary>
    public ImmutableArray<SkipRule> SkipRules { get; init; } = [];

    /// <summary>The schedule, by rising first epoch; the first stage starts at epoch 1.</summary>
    public required ImmutableArray<Stage> Stages { get; init; }

    /// <summary>The stage in force; epochs beyond the table use the last one.</summary>
    /// <param name="epoch">Counted from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="epoch"/> is below 1.</exception>
    public Stage StageFor(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epoch, 1);
        int index = Stages.Length - 1;
        while (Stages[index].FirstEpoch > epoch)
            index--;
        return Stages[index];
    }
}
