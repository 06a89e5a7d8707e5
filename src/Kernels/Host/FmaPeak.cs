using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

/// <summary>The ceiling of every matrix product: how many floating-point operations the processor does when it does nothing else.</summary>
public static unsafe class FmaPeak
{
    private const int Steps = 400_000;
    private const int Chains = 15;

    /// <summary>Measures fifteen independent chains of FMAs per thread (sixteen registers with the operand) for about 50 ms.</summary>
    /// <param name="threads">Threads; 0 means one for each core.</param>
    /// <param name="width">Vector registers to use; Auto as in <see cref="Devices.HostDevice"/>.</param>
    /// <returns>10⁹ operations a second (an FMA counts as two): each thread's best round, added up.</returns>
    /// <exception cref="ArgumentException">The processor lacks the width.</exception>
    public static double Measure(int threads = 0, VectorWidth width = VectorWidth.Auto)
    {
        using var pool = new WorkerPool(threads);
        width = VectorWidths.Resolve(width, Environment.GetEnvironmentVariable(VectorWidths.Variable));
        delegate*<void*, int, int, void> body = width switch
        {
            VectorWidth.V512 => &Time<W512>,
            VectorWidth.V256 => &Time<W256>,
            VectorWidth.V128 => &Time<W128>,
            _ => &Time<W1>,
        };
        var shares = new Share[pool.Threads];
        Array.Fill(shares, new Share { Seconds = double.MaxValue });
        fixed (Share* p = shares)
        {
            var clock = Stopwatch.StartNew();
            while (clock.ElapsedMilliseconds < 50)
                pool.Run(body, p, pool.Threads);
        }
        return shares.Sum(share => 2.0 * Steps * Chains * VectorWidths.Floats(width) / share.Seconds / 1e9);
    }

    private static void Time<T>(void* shares, int worker, int workers)
        where T : unmanaged, IVector<T>
    {
        Share* share = (Share*)shares + worker;
        long start = Stopwatch.GetTimestamp();
        share->Sum = Chain<T>();
        share->Seconds = Math.Min(share->Seconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chain<T>()
        where T : unmanaged, IVector<T>
    {
        // The sums grow to where adding 1/4 changes nothing: no subnormals, no overflow.
        T x = T.Create(0.5f);
        T a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x, m = x, n = x, o = x;
        for (int step = 0; step < Steps; step++)
        {
            T.MultiplyAdd(ref a, x, x);
            T.MultiplyAdd(ref b, x, x);
            T.MultiplyAdd(ref c, x, x);
            T.MultiplyAdd(ref d, x, x);
            T.MultiplyAdd(ref e, x, x);
            T.MultiplyAdd(ref f, x, x);
            T.MultiplyAdd(ref g, x, x);
            T.MultiplyAdd(ref h, x, x);
            T.MultiplyAdd(ref i, x, x);
            T.MultiplyAdd(ref j, x, x);
            T.MultiplyAdd(ref k, x, x);
            T.MultiplyAdd(ref l, x, x);
            T.MultiplyAdd(ref m, x, x);
            T.MultiplyAdd(ref n, x, x);
            T.MultiplyAdd(ref o, x, x);
        }
        float* lanes = stackalloc float[16];
        T.Store(a + b + c + d + e + f + g + h + i + j + k + l + m + n + o, lanes);
        return lanes[0];
    }

    /// <summary>Result of one worker, on cache lines of its own. The sum is kept so that the work cannot be left out.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Share
    {
        public double Seconds;
        public float Sum;
    }
}
