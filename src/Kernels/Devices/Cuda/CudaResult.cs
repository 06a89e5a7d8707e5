namespace P6bNative.Kernels.Devices;

/// <summary>The result codes of the CUDA driver (cuda.h) that mean something to the device; the driver itself names all of them.</summary>
internal static class CudaResult
{
    public const int Success = 0;
    public const int OutOfMemory = 2;

    /// <summary>
    /// The context is beyond use: device unavailable (46), context gone (201, 709), uncorrectable memory or link error (214, 220), illegal address (700),
    /// launch timeout (702), assertion (710), hardware stack to failed launch (714 to 719), client terminated (810), unknown (999).
    /// </summary>
    public static bool IsLoss(int result) => result is 46 or 201 or 214 or 220 or 700 or 702 or 709 or 710 or (>= 714 and <= 719) or 810 or 999;
}
