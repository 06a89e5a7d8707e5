using System.Text.Json;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host;
using P6bNative.Kernels.Operations;
using Spectre.Console;

namespace P6bNative.Trainer.Commands;

/// <summary>Prints <c>bench gemm</c>: every product of the model's layers at 32 and 256 windows a step, beside the FMA peak of the same run.</summary>
internal static class GemmTable
{
    private static readonly int[] Tokens = [160, 1280];

    public static void Write(Device device, bool json, ConsoleContext console)
    {
        GemmReport report = GemmBenchmark.Run(device, Tokens);
        if (json)
            WriteJson(report, console.Output);
        else
            WriteText(report, console);
    }

    private static void WriteText(GemmReport report, ConsoleContext console)
    {
        Table table = ConsoleContext.NewTable("form", "m", "n", "k", "median ms", "best ms", "GFLOP/s", "of peak");
        foreach (GemmTiming t in report.Timings)
        {
            table.AddRow(
                $"{t.Form}", $"{t.M}", $"{t.N}", $"{t.K}", $"{t.MedianMilliseconds:F3}", $"{t.MinimumMilliseconds:F3}",
                $"{t.GigaflopsPerSecond:F0}", $"{t.PercentOfPeak:F0} %");
        }

        console.Output.WriteLine($"{report.Device}; FMA peak {report.PeakGigaflopsPerSecond:F0} GFLOP/s (median of the same run)");
        console.Write(table);
        foreach (MatMulForm form in (MatMulForm[])[MatMulForm.NT, MatMulForm.NN, MatMulForm.TN])
            console.Output.WriteLine($"{form}, all shapes by their work: {report.PercentOfPeak(form):F0} % of the peak");
    }

    private static void WriteJson(GemmReport report, TextWriter output)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("device", report.Device);
            writer.WriteNumber("peak_gflops", report.PeakGigaflopsPerSecond);
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
                writer.WriteNumber("percent_of_peak", t.PercentOfPeak);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }
}
