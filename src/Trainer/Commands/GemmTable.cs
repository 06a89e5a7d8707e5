using System.Text.Json;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host;
using P6bNative.Kernels.Operations;
using Spectre.Console;

namespace P6bNative.Trainer.Commands;

/// <summary>
/// Prints <c>bench gemm</c>: every product of the model's layers at 32 and 256 windows a step; on the host beside the FMA peak of the same
/// run, on other devices beside the host in the same turns.
/// </summary>
internal static class GemmTable
{
    private static readonly int[] Tokens = [160, 1280];

    public static void Write(Device device, int threads, bool json, ConsoleContext console)
    {
        using HostDevice? host = device is HostDevice ? null : new HostDevice(threads);
        IReadOnlyList<GemmReport> reports = GemmBenchmark.Run(host is null ? [device] : [device, host], Tokens);
        if (json)
            WriteJson(reports[0], console.Output);
        else if (host is null)
            WriteHost(reports[0], console);
        else
            WriteBeside(reports[0], reports[1], console);
    }

    private static void WriteHost(GemmReport report, ConsoleContext console)
    {
        Table table = ConsoleContext.NewTable("form", "m", "n", "k", "median ms", "best ms", "GFLOP/s", "of peak");
        foreach (GemmTiming t in report.Timings)
        {
            table.AddRow(
                $"{t.Form}", $"{t.M}", $"{t.N}", $"{t.K}", $"{t.MedianMilliseconds:F3}", $"{t.MinimumMilliseconds:F3}",
                $"{t.GigaflopsPerSecond:F0}", $"{t.PercentOfPeak:F0} %");
        }

        console.Output.WriteLine(
            $"{report.Description}; GFLOP/s in the same run: FMA peak {report.PeakGigaflopsPerSecond:F0}, "
            + $"micro-kernel alone {report.MicroKernelGigaflopsPerSecond:F0} (medians)");
        console.Write(table);
        foreach (MatMulForm form in (MatMulForm[])[MatMulForm.NT, MatMulForm.NN, MatMulForm.TN])
            console.Output.WriteLine($"{form}, all shapes by their work: {report.PercentOfPeak(form):F0} % of the peak");
    }

    private static void WriteBeside(GemmReport report, GemmReport host, ConsoleContext console)
    {
        Table table = ConsoleContext.NewTable("form", "m", "n", "k", "median ms", "best ms", "GFLOP/s", "host GFLOP/s", "times the host");
        for (int i = 0; i < report.Timings.Count; i++)
        {
            GemmTiming t = report.Timings[i];
            double? onHost = i < host.Timings.Count ? host.Timings[i].GigaflopsPerSecond : null;
            table.AddRow(
                $"{t.Form}", $"{t.M}", $"{t.N}", $"{t.K}", $"{t.MedianMilliseconds:F4}", $"{t.MinimumMilliseconds:F4}",
                $"{t.GigaflopsPerSecond:F0}", onHost is null ? "" : $"{onHost:F0}", onHost is null ? "" : $"{t.GigaflopsPerSecond / onHost:F2}");
        }

        console.Output.WriteLine($"{report.Device}: {report.Description}; beside it, in the same turns, {host.Description}");
        console.Write(table);
    }

    private static void WriteJson(GemmReport report, TextWriter output)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("device", report.Device);
            writer.WriteString("description", report.Description);
            Number("peak_gflops", report.PeakGigaflopsPerSecond);
            Number("micro_kernel_gflops", report.MicroKernelGigaflopsPerSecond);
            writer.WriteStartArray("products");
            foreach (GemmTiming t in report.Timings)
            {
                writer.WriteStartObject();
                writer.WriteString("form", t.Form.ToString());
                writer.WriteNumber("m", t.M);
                writer.WriteNumber("n", t.N);
                writer.WriteNumber("k", t.K);
                writer.WriteNumber("median_ms", t.MedianMilliseconds);
                writer.WriteNumber("min_ms", t.MinimumMilliseconds);
                writer.WriteNumber("gflops", t.GigaflopsPerSecond);
                Number("percent_of_peak", t.PercentOfPeak);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();

            void Number(string name, double value)
            {
                if (double.IsNaN(value))
                    writer.WriteNull(name);
                else
                    writer.WriteNumber(name, value);
            }
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }
}
