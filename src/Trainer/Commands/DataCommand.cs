using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Commands;

/// <summary>The verb <c>data inspect</c>.</summary>
internal static class DataCommand
{
    public static int Run(DataOptions options, ConsoleContext console)
    {
        if (options.Action != "inspect") throw new InputException($"data {options.Action}: unknown action; data inspect FILE is what there is.");
        DataInspection inspection = DataInspection.Of(options.File);
        if (!options.Json)
        {
            DataInspectionWriter.WriteText(inspection, console.Output);
            return ExitCode.Done;
        }

        using var json = new MemoryStream();
        DataInspectionWriter.WriteJson(inspection, json);
        console.Output.WriteLine(System.Text.Encoding.UTF8.GetString(json.ToArray()));
        return ExitCode.Done;
    }
}
