using System.Diagnostics;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Gemm;
using P6bNative.Kernels.Operations;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Host;

/// <summary>Time of one matrix product.</summary>
/// <param name="Form">NN, NT or TN.</param>
/// <param name="M">Rows of the result.</param>
/// <param name="N">Columns of the result.</param>
/// <param name="K">Length of the sums.</param>
/// <param name="MedianMilliseconds">Median over all repetitions.</param>
/// <param name="MinimumMilliseconds">Quickest repetition.</param>
/// <param name="GigaflopsPerSecond">2·M·N·K over the median.</param>
/// <param name="PercentOfPeak">Of the FMA peak measured between the repetitions; NaN on devices other than the host.</param>
public sealed record GemmTiming(
    MatMulForm Form, int M, int N, int K, double MedianMilliseconds, double MinimumMilliseconds, double GigaflopsPerSecond, double PercentOfPeak);

/// <summary>Timings of a device and what they are compared with.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="Description">What it is.</param>
/// <param name="PeakGigaflopsPerSecond">Median of the FMA peaks; NaN on devices other than the host.</param>
/// <param name="MicroKernelGigaflopsPerSecond">
/// Median rate of the micro-kernel alone, its operands in the caches, in the same turns: the peak as far as other work on the cores leaves it;
/// NaN on devices other than the host.
/// </param>
/// <param name="Timings">One for each shape and form.</param>
public sealed record GemmReport(
    string Device, string Description, double PeakGigaflopsPerSecond, double MicroKernelGigaflopsPerSecond, IReadOnlyList<GemmTiming> Timings)
{
    /// <summary>All products of one form together: their operations over the sum of their medians, as a percentage of the peak.</summary>
    public double PercentOfPeak(MatMulForm form)
    {
        GemmTiming[] chosen = [.. Timings.Where(timing => timing.Form == form)];
        double operations = chosen.Sum(timing => 2.0 * timing.M * timing.N * timing.K);
        return operations / (chosen.Sum(timing => timing.MedianMilliseconds) * 1e6) / PeakGigaflopsPerSecond * 100;
    }
}

/// <summary>Times the matrix products of the model: each linear layer's forward (NT), dX (NN) and dWeight (TN), 1024³ and, on graphics cards, 4096³.</summary>
public static class GemmBenchmark
{
    private static readonly (int In, int Out)[] Layers = [(768, 512), (512, 512), (512, 1536), (512, 2048), (2048, 512)];

    /// <summary>Milliseconds of products asked for before a wait, on devices where a wait costs as much as a small product.</summary>
    private const double QueuedMilliseconds = 2;

    private const int MostQueuedCalls = 50;

    /// <summary>Warms up for a second, then goes through all products in turns, so that other load on the machine hits them alike.</summary>
    /// <param name="devices">Where to run: all in the same turns, so that their rates can be compared.</param>
    /// <param name="tokens">Rows of the activations, e.g. 160 for 32 samples of 5 positions; empty for 1024³ alone.</param>
    /// <returns>A report for each device.</returns>
    public static IReadOnlyList<GemmReport> Run(IReadOnlyList<Device> devices, IReadOnlyList<int> tokens) =>
        Run(devices, tokens, warmUp: 1, rounds: 9, share: 0.02);

    /// <param name="devices">Where to run.</param>
    /// <param name="tokens">Rows of the activations.</param>
    /// <param name="warmUp">Seconds before the first timing.</param>
    /// <param name="rounds">Turns through all products.</param>
    /// <param name="share">Seconds for each product in each turn.</param>
    internal static IReadOnlyList<GemmReport> Run(IReadOnlyList<Device> devices, IReadOnlyList<int> tokens, double warmUp, int rounds, double share)
    {
        (MatMulForm Form, int M, int N, int K)[] shapes =
        [
            .. tokens.SelectMany(rows => Layers.SelectMany(layer => new[]
            {
                (MatMulForm.NT, rows, layer.Out, layer.In),
                (MatMulForm.NN, rows, layer.In, layer.Out),
                (MatMulForm.TN, layer.Out, layer.In, rows),
            })),
            .. Cube(1024),
        ];
        Case[] cases =
        [
            .. from device in devices
               from shape in IsGraphicsCard(device) ? [.. shapes, .. Cube(4096)] : shapes
               select new Case(device, shape.Form, shape.M, shape.N, shape.K),
        ];
        HostDevice? host = devices.OfType<HostDevice>().FirstOrDefault();
        using MicroKernelRate? microKernel = host is null ? null : new MicroKernelRate(host.Threads, host.Width);
        try
        {
            long first = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(first).TotalSeconds < warmUp)
            {
                foreach (Case one in cases)
                    one.Time();
            }
            List<double> peaks = [], rates = [];
            foreach (Case one in cases)
            {
                if (one.Seconds.Count == 0) one.Time();
                one.ChooseCalls();
                one.Seconds.Clear();
            }

            for (int round = 0; round < rounds; round++)
            {
                if (host is not null)
                    peaks.Add(FmaPeak.Measure(host.Threads, host.Width));
                microKernel?.Time(share, rates);
                foreach (Case one in cases)
                {
                    long start = Stopwatch.GetTimestamp();
                    do
                        one.Time();
                    while (Stopwatch.GetElapsedTime(start).TotalSeconds < share);
                }
            }
            return [.. devices.Select(device => device is HostDevice
                ? Report(device, Median(peaks), Median(rates), cases)
                : Report(device, double.NaN, double.NaN, cases))];
        }
        finally
        {
            foreach (Case one in cases)
                one.Dispose();
        }
    }

    private static (MatMulForm Form, int M, int N, int K)[] Cube(int size) =>
        [(MatMulForm.NT, size, size, size), (MatMulForm.NN, size, size, size), (MatMulForm.TN, size, size, size)];

    private static bool IsGraphicsCard(Device device) => device is GpuDevice { IsProcessor: false };

    private static GemmReport Report(Device device, double peak, double microKernel, Case[] cases) =>
        new(device.Name, device.Description, peak, microKernel, [.. cases.Where(one => one.Device == device).Select(one => one.Timing(peak))]);

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private sealed class Case : IDisposable
    {
        private readonly MatMulForm _form;
        private readonly int _k;
        private int _calls = 1;
        private readonly MatrixView _a;
        private readonly MatrixView _b;
        private readonly MatrixView _c;

        public Case(Device device, MatMulForm form, int m, int n, int k)
        {
            (Device, _form, _k) = (device, form, k);
            _a = form == MatMulForm.TN ? Random(k, m) : Random(m, k);
            _b = form == MatMulForm.NT ? Random(n, k) : Random(k, n);
            _c = Random(m, n);
        }

        public Device Device { get; }

        public List<double> Seconds { get; } = [];

        /// <summary>Decides from the timings so far how many products a timing asks for.</summary>
        public void ChooseCalls()
        {
            if (Device is not HostDevice) _calls = Math.Clamp((int)(QueuedMilliseconds / (1e3 * Seconds.Min())), 1, MostQueuedCalls);
        }

        public void Time()
        {
            long start = Stopwatch.GetTimestamp();
            for (int call = 0; call < _calls; call++)
                Device.Operations.MatMul(_form, _a, _b, _c, default, accumulate: false);
            Device.Synchronize();
            Seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / _calls);
        }

        public GemmTiming Timing(double peak)
        {
            double median = Median(Seconds), rate = 2.0 * _c.Rows * _c.Columns * _k / median / 1e9;
            return new GemmTiming(_form, _c.Rows, _c.Columns, _k, median * 1e3, Seconds[0] * 1e3, rate, rate / peak * 100);
        }

        public void Dispose()
        {
            _a.Data.Buffer.Dispose();
            _b.Data.Buffer.Dispose();
            _c.Data.Buffer.Dispose();
        }

        private MatrixView Random(int rows, int columns)
        {
            Buffer buffer = Device.Allocate((long)rows * columns);
            var random = new Random(rows + columns);
            float[] values = new float[buffer.Length];
            for (int i = 0; i < values.Length; i++)
                values[i] = random.NextSingle() - 0.5f;
            Device.Upload(values, buffer.All);
            return buffer.All.AsMatrix(rows, columns);
        }
    }
}
