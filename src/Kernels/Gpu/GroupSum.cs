using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>Sums over the work items of a group, always in the same order.</summary>
internal static class GroupSum
{
    /// <summary>Shared elements needed for a group of 128.</summary>
    public const int SharedFor128 = 144;

    /// <summary>
    /// Σ value over a group of 128, for every work item: in sixteen parts of eight, then their sum. Two barriers; may be called again
    /// with the same memory, since each barrier parts the writes of one half from the reads of the other.
    /// </summary>
    public static float Of128(ArrayView<float> shared, float value)
    {
        int item = Group.IdxX;
        shared[item] = value;
        Group.Barrier();
        if (item < 16)
        {
            float part = 0;
            for (int i = 0; i < 8; i++)
                part += shared[item + 16 * i];
            shared[128 + item] = part;
        }

        Group.Barrier();
        float sum = 0;
        for (int i = 0; i < 16; i++)
            sum += shared[128 + i];
        return sum;
    }
}
