using P6bNative.Kernels.Devices;
using Spectre.Console;

namespace P6bNative.Trainer.Commands;

/// <summary>The verb <c>devices</c>.</summary>
internal static class DevicesCommand
{
    public static int Run(ConsoleContext console)
    {
        var table = new Table().AddColumns("device", "what it is", "state");
        foreach (DeviceEntry entry in DeviceCatalog.List())
            table.AddRow(Markup.Escape(entry.Name), Markup.Escape(entry.Description), Markup.Escape(entry.IsAvailable ? "available" : "not available"));
        console.Write(table);
        return ExitCode.Done;
    }
}
