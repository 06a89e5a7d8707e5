using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using P6bNative.Trainer.Comparison;
using P6bNative.Trainer.Telemetry;
using Spectre.Console;

namespace P6bNative.Trainer.Commands;

/// <summary>The verb <c>guards</c>: what the guards of a run did and saw. A report, so its exit code is 0 whatever it says.</summary>
internal static class GuardsCommand
{
    private const int QuestionWidth = 20;
    private const int AnswerWidth = 94;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static int Run(GuardsOptions options, ConsoleContext console)
    {
        RunRecord run = RunReader.Read(options.Folder);
        IReadOnlyList<GuardAnswer> answers = GuardReport.Of(run);
        if (options.Json)
            console.Output.WriteLine(Json(run, answers).ToJsonString(Indented));
        else
            WriteText(run, answers, console);
        return ExitCode.Done;
    }

    private static void WriteText(RunRecord run, IReadOnlyList<GuardAnswer> answers, ConsoleContext console)
    {
        console.Output.WriteLine($"{run.Path}: {run.Setting("mode")}, {new ComparedRun("", run).Progress}");
        var table = new Table();
        table.AddColumn(new TableColumn("question") { Width = QuestionWidth, Padding = new Padding(0, 0, 0, 0) });
        table.AddColumn(new TableColumn("answer; what it rests on; what the words mean") { Width = AnswerWidth, Padding = new Padding(1, 0, 0, 0) });
        foreach (GuardAnswer answer in answers)
        {
            table.AddRow(Markup.Escape(answer.Question), Markup.Escape($"{answer.Answer}\n[{answer.RestsOn}]\n{answer.Definition}"));
            table.AddEmptyRow();
        }

        console.Write(table);
    }

    private static JsonObject Json(RunRecord run, IReadOnlyList<GuardAnswer> answers)
    {
        var json = new JsonObject { ["path"] = run.Path, ["mode"] = run.Setting("mode"), ["last_step"] = run.LastStep };
        foreach (GuardAnswer answer in answers)
        {
            JsonObject figures = answer.Figures;
            figures["answer"] = answer.Answer;
            figures["rests_on"] = answer.RestsOn;
            figures["definition"] = answer.Definition;
            json[answer.Key] = figures;
        }

        return json;
    }
}
