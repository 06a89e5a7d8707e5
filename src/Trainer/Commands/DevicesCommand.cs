using System.Text.Json;
using P6bNative.Kernels.Devices;
using Spectre.Console;

namespace P6bNative.Trainer.Commands;

/// <summary>The verb <c>devices</c>.</summary>
internal static class DevicesCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static int Run(DevicesOptions options, ConsoleContext console)
    {
        if (options.Kernel is not null)
            WriteKernel(options.Kernel, options.Target ?? "opencl", console.Output);
        else if (options.Target is not null)
            throw new InputException($"--target {options.Target}: belongs to --kernel NAME; --kernel list names the kernels.");
        else if (options.Json)
            console.Output.WriteLine(JsonSerializer.Serialize(DeviceCatalog.List(), Json));
        else
            WriteTable(console);
        return ExitCode.Done;
    }

    private static void WriteTable(ConsoleContext console)
    {
        Table table = new Table().AddColumns("device", "what it is", "memory", "driver", "state");
        foreach (DeviceEntry entry in DeviceCatalog.List())
        {
            table.AddRow(
                Markup.Escape(entry.Name), Markup.Escape(entry.Description), entry.Memory > 0 ? $"{entry.Memory / (1024.0 * 1024 * 1024):F1} GiB" : "",
                Markup.Escape(entry.Driver), entry.IsAvailable ? "available" : Markup.Escape($"not available: {entry.Obstacle}"));
        }

        console.Write(table);
    }

    private static void WriteKernel(string name, string target, TextWriter output)
    {
        if (name == "list")
        {
            foreach (string kernel in KernelTexts.Names) output.WriteLine(kernel);
            return;
        }

        try
        {
            output.WriteLine(KernelTexts.Read(name, target));
        }
        catch (ArgumentException e)
        {
            throw new InputException($"--kernel {name}: {e.Message}", e);
        }
    }
}
