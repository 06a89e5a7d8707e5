using System.Numerics.Tensors;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>A correction of a raw prediction that needs no training; it is normalised afterwards.</summary>
/// <param name="Of">Whose predictions: model, ridge or p6.</param>
/// <param name="Kind">What is added.</param>
/// <param name="Coefficient">α or β.</param>
internal sealed record PostHoc(string Of, PostHocKind Kind, double Coefficient)
{
    /// <summary>The one β that is tried; it is not fitted to the samples.</summary>
    public const double Beta = 0.4;

    /// <summary>Its name among the baselines.</summary>
    public string Name => NameOf(Of, Kind);

    /// <summary>Name of the coefficient.</summary>
    public string CoefficientName => Kind == PostHocKind.MinusLast ? "alpha" : "beta";

    /// <summary>Its formula with the coefficient.</summary>
    public string Formula => Kind == PostHocKind.MinusLast
        ? $"{Of} {(Coefficient < 0 ? '+' : '-')} {Math.Abs(Coefficient):0.000}*ctx4"
        : $"{Of} + {Coefficient:0.###}(ctx4-ctx0)";

    /// <summary>The name of a correction.</summary>
    public static string NameOf(string of, PostHocKind kind) => of + (kind == PostHocKind.MinusLast ? "_minus_ctx4" : "_plus_ctx4_minus_ctx0");

    /// <summary>Corrects a prediction.</summary>
    /// <param name="block">The vectors.</param>
    /// <param name="i">The sample in the block.</param>
    /// <param name="raw">D numbers.</param>
    public void Apply(SampleBlock block, int i, Span<double> raw)
    {
        double last = Kind == PostHocKind.MinusLast ? -Coefficient : Coefficient;
        TensorPrimitives.MultiplyAdd(block.Context(i, SampleBlock.Slots - 1), last, raw, raw);
        if (Kind == PostHocKind.PlusLastMinusFirst) TensorPrimitives.MultiplyAdd(block.Context(i, 0), -Coefficient, raw, raw);
    }
}

/// <summary>The direction of a <see cref="PostHoc"/> correction.</summary>
internal enum PostHocKind
{
    /// <summary>raw − α·ctx[4]: away from the last context, for a margin.</summary>
    MinusLast,

    /// <summary>raw + β(ctx[4] − ctx[0]): on in the direction of the context, for retrieval.</summary>
    PlusLastMinusFirst,
}

/// <summary>A correction − α·ctx[4] whose α was looked for.</summary>
/// <param name="Of">Whose predictions are corrected.</param>
/// <param name="Alpha">The α at which the mean margin is the model's; NaN where none between the ends has it.</param>
/// <param name="LowestMargin">Margin at <see cref="MarginCurve.LowestAlpha"/>.</param>
/// <param name="HighestMargin">Margin at <see cref="MarginCurve.HighestAlpha"/>.</param>
internal sealed record MarginMatch(string Of, double Alpha, double LowestMargin, double HighestMargin)
{
    /// <summary>Name of the correction among the baselines.</summary>
    public string Name => PostHoc.NameOf(Of, PostHocKind.MinusLast);

    /// <summary>Whether there is such an α.</summary>
    public bool IsReached => !double.IsNaN(Alpha);
}
