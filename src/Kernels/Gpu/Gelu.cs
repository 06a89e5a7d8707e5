using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>y = x·Φ(x), Φ by the error function, over dense elements. Launch: ⌈count/1024⌉ groups of 256, four elements a work item.</summary>
internal static partial class GeluKernels
{
    /// <summary>y[i] = x[i]·Φ(x[i])</summary>
    [Kernel(256)]
    public static void GeluForward(ArrayView<float> x, ArrayView<float> y, int count, int vector)
    {
        int at = 4 * (Grid.IdxX * 256 + Group.IdxX);
        if (at >= count)
            return;
        Float4 value = Quad.Load(x, vector, at, count - at);
        value = new Float4(
            value.X * NormalCdf(value.X), value.Y * NormalCdf(value.Y), value.Z * NormalCdf(value.Z), value.W * NormalCdf(value.W));
        Quad.Store(y, vector, at, count - at, value);
    }

    /// <summary>dX[i] (+)= dY[i]·(Φ(x[i]) + x[i]·φ(x[i]))</summary>
    [Kernel(256)]
    public static void GeluBackward(ArrayView<float> dY, ArrayView<float> x, ArrayView<float> dX, int count, int vector, int accumulate)
    {
        int at = 4 * (Grid.IdxX * 256 + Group.IdxX);
        if (at >= count)
            return;
        Float4 value = Quad.Load(x, vector, at, count - at);
        var slope = new Float4(Slope(value.X), Slope(value.Y), Slope(value.Z), Slope(value.W));
        Quad.Put(dX, vector, at, count - at, Quad.Multiply(Quad.Load(dY, vector, at, count - at), slope), accumulate);
    }

    private static float Slope(float x) => XMath.Fma(x * 0.398942280f, XMath.Exp(-0.5f * x * x), NormalCdf(x));

    private static float NormalCdf(float x) => 0.5f + 0.5f * Erf(x * 0.707106781f);

    /// <summary>
    /// erf(x), absolute error below 1.2e-7, relative error below 2e-7 near 0: x + x·P(x²) up to |x| = 0.92, sign(x)·(1 − e^Q(|x|)) beyond;
    /// the polynomials of <see cref="Host.Simd.LaneMath"/>.
    /// </summary>
    private static float Erf(float x)
    {
        float t = XMath.Abs(x);
        if (t > 0.92f)
        {
            float c = t > 4f ? 4f : t;
            float q = -2.05178058e-05f;
            q = XMath.Fma(q, c, 0.000427964929f);
            q = XMath.Fma(q, c, -0.00414043758f);
            q = XMath.Fma(q, c, 0.0250410326f);
            q = XMath.Fma(q, c, -0.108162306f);
            q = XMath.Fma(q, c, -0.633450866f);
            q = XMath.Fma(q, c, -1.12946498f);
            q = XMath.Fma(q, c, 0.000164602068f);
            q = 1f - XMath.Exp(q);
            return x < 0 ? -q : q;
        }

        float s = x * x;
        float p = 8.32219594e-05f;
        p = XMath.Fma(p, s, -0.000813353341f);
        p = XMath.Fma(p, s, 0.0052004829f);
        p = XMath.Fma(p, s, -0.0268593244f);
        p = XMath.Fma(p, s, 0.112836987f);
        p = XMath.Fma(p, s, -0.376126349f);
        p = XMath.Fma(p, s, 0.128379166f);
        return XMath.Fma(p, x, x);
    }
}

internal sealed partial class GpuOperations
{
    public void GeluForward(MatrixView x, MatrixView y)
    {
        int count = Count(x);
        GeluKernels.GeluForward(_device, new LaunchSize(Groups(count, 1024)), x.Data, y.Data, count, Vector(x.Data, y.Data));
    }

    public void GeluBackward(MatrixView dY, MatrixView x, MatrixView dX, bool accumulate)
    {
        int count = Count(x);
        GeluKernels.GeluBackward(
            _device, new LaunchSize(Groups(count, 1024)), dY.Data, x.Data, dX.Data, count, Vector(dY.Data, x.Data, dX.Data), Flag(accumulate));
    }
}
