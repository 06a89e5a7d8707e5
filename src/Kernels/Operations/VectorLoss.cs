using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

/// <summary>
/// Columns of the per-sample statistics from which every loss, cosine and margin of the trainer is computed on the host.
/// </summary>
public static class LossStatistics
{
    /// <summary>Σ (raw − target)² over the D components.</summary>
    public const int SquaredError = 0;

    /// <summary>raw·raw</summary>
    public const int RawSquared = 1;

    /// <summary>target·target</summary>
    public const int TargetSquared = 2;

    /// <summary>raw·target</summary>
    public const int RawTarget = 3;

    /// <summary>raw·context[slot], slot 0 the oldest.</summary>
    public static int RawContext(int slot) => 4 + 3 * slot;

    /// <summary>context[slot]·context[slot]</summary>
    public static int ContextSquared(int slot) => 5 + 3 * slot;

    /// <summary>target·context[slot]</summary>
    public static int TargetContext(int slot) => 6 + 3 * slot;

    /// <summary>Number of columns for T context slots.</summary>
    public static int Columns(int contextLength) => 4 + 3 * contextLength;
}

/// <summary>Columns of the per-sample coefficients that the host hands to <see cref="IOperations.VectorLossBackward"/>.</summary>
public static class LossCoefficients
{
    /// <summary>Factor of (raw − target).</summary>
    public const int Error = 0;

    /// <summary>Factor of target.</summary>
    public const int Target = 1;

    /// <summary>Factor of the negative, one context slot.</summary>
    public const int Negative = 2;

    /// <summary>Factor of raw.</summary>
    public const int Raw = 3;

    /// <summary>Number of columns.</summary>
    public const int Columns = 4;
}

public partial interface IOperations
{
    /// <summary>The sums named in <see cref="LossStatistics"/>, one row per sample.</summary>
    /// <param name="raw">[B,D], dense: the model's un-normalised output.</param>
    /// <param name="target">[B,D], dense.</param>
    /// <param name="context">[B·T,D], dense.</param>
    /// <param name="statistics">[B, 4 + 3T], dense, written.</param>
    void VectorLossForward(MatrixView raw, MatrixView target, MatrixView context, MatrixView statistics);

    /// <summary>
    /// dRaw[b] (+)= e·(raw − target) + t·target + n·context[b, slot] + r·raw with the sample's coefficients (<see cref="LossCoefficients"/>).
    /// The gradient of every mode has this form: MSE gives e = 2/(B·D); a function of pos = cos(raw, target) and
    /// neg = cos(raw, negative) with partial derivatives a, c gives t = a/(‖raw‖‖target‖), n = c/(‖raw‖‖negative‖), r = −(a·pos + c·neg)/‖raw‖².
    /// </summary>
    /// <param name="raw">[B,D], dense.</param>
    /// <param name="target">[B,D], dense.</param>
    /// <param name="context">[B·T,D], dense.</param>
    /// <param name="slot">Context slot of the negative, 0 .. T−1.</param>
    /// <param name="coefficients">[B,4], dense.</param>
    /// <param name="dRaw">[B,D], dense.</param>
    /// <param name="accumulate">Adds to <paramref name="dRaw"/>.</param>
    void VectorLossBackward(
        MatrixView raw, MatrixView target, MatrixView context, int slot, MatrixView coefficients, MatrixView dRaw, bool accumulate);
}
