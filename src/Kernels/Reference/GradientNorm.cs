using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void GradientNorm(View gradient, View norm)
    {
        double squares = 0;
        foreach (double g in Read(gradient))
            squares += g * g;
        Read(norm)[0] = Math.Sqrt(squares);
    }
}
