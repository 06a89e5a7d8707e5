using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace P6bNative.Kernels.Host.Simd;

/// <summary>Vector registers that the Host kernels use, in bits. Results are the same bits for every width.</summary>
public enum VectorWidth
{
    /// <summary>The widest that the processor runs at full speed.</summary>
    Auto = 0,

    /// <summary>No vector instructions.</summary>
    Scalar = 32,

    /// <summary>SSE or NEON.</summary>
    V128 = 128,

    /// <summary>AVX2.</summary>
    V256 = 256,

    /// <summary>AVX-512.</summary>
    V512 = 512,
}

/// <summary>What this processor offers, and the choice of one width at start.</summary>
public static class VectorWidths
{
    /// <summary>Environment variable that lowers <see cref="VectorWidth.Auto"/>: 512, 256, 128 or scalar.</summary>
    public const string Variable = "P6B_VECTOR_WIDTH";

    /// <summary>Widths that run here, narrowest first.</summary>
    public static IReadOnlyList<VectorWidth> Available { get; } = [.. Enum.GetValues<VectorWidth>().Where(IsAvailable)];

    /// <summary>
    /// True where a·b + c rounds once in hardware. Elsewhere every width rounds twice: an exact software FMA is 100 times slower.
    /// </summary>
    internal static bool IsFused => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary>Floats of one register.</summary>
    internal static int Floats(VectorWidth width) => width == VectorWidth.Scalar ? 1 : (int)width / 32;

    /// <summary>Whether the processor runs <paramref name="width"/>.</summary>
    public static bool IsAvailable(VectorWidth width) => width switch
    {
        VectorWidth.Scalar => true,
        VectorWidth.V128 => Vector128.IsHardwareAccelerated,
        VectorWidth.V256 => Vector256.IsHardwareAccelerated,
        VectorWidth.V512 => Vector512.IsHardwareAccelerated,
        _ => false,
    };

    /// <summary>The width to use: <paramref name="asked"/>, or for Auto what the environment variable says, or the widest.</summary>
    /// <param name="asked">The caller's wish.</param>
    /// <param name="environment">Value of <see cref="Variable"/>; null or empty when unset.</param>
    /// <exception cref="ArgumentException">The processor lacks the width, or the variable holds another word.</exception>
    public static VectorWidth Resolve(VectorWidth asked, string? environment)
    {
        if (asked != VectorWidth.Auto)
            return Require(asked, $"Vector width {Word(asked)}");
        if (string.IsNullOrEmpty(environment))
            return Available[^1];
        VectorWidth width = environment switch
        {
            "512" => VectorWidth.V512,
            "256" => VectorWidth.V256,
            "128" => VectorWidth.V128,
            "scalar" => VectorWidth.Scalar,
            _ => throw new ArgumentException($"{Variable}={environment} is not a vector width; write 512, 256, 128 or scalar."),
        };
        return Require(width, $"{Variable}={environment}");
    }

    /// <summary>The width as the environment variable spells it.</summary>
    internal static string Word(VectorWidth width) => width == VectorWidth.Scalar ? "scalar" : ((int)width).ToString();

    private static VectorWidth Require(VectorWidth width, string what) => IsAvailable(width)
        ? width
        : throw new ArgumentException($"{what} does not run on this processor; it offers {string.Join(", ", Available.Select(Word))}.");
}
