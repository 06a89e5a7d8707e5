using System.Reflection;
using CommandLine;
using CommandLine.Text;
using P6bNative.Kernels.Devices;
using P6bNative.Model;

namespace P6bNative.Trainer.Commands;

/// <summary>The console <c>p6b</c>: parses the verb and its flags, runs it, and turns every failure into one line and an exit code.</summary>
internal static class CommandLineApp
{
    private static readonly Type[] Verbs =
    [
        typeof(TrainOptions), typeof(ForecastOptions), typeof(EvaluateOptions), typeof(PredictOptions), typeof(CompareOptions), typeof(GuardsOptions),
        typeof(DataInspectOptions), typeof(DataMakeOptions), typeof(DevicesOptions), typeof(GradcheckOptions), typeof(BenchOptions),
    ];

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code (<see cref="ExitCode"/>).</returns>
    public static int Run(string[] arguments, ConsoleContext console)
    {
        using var parser = new Parser(settings =>
        {
            settings.HelpWriter = null;
            settings.CaseSensitive = true;
            settings.AutoVersion = false;
        });
        ParserResult<object> parsed = parser.ParseArguments(JoinVerb(arguments), Verbs);
        try
        {
            return parsed.MapResult(options => RunVerb(options, arguments, console), errors => Refuse(parsed, [.. errors], console));
        }
        catch (Exception e) when (e is InputException or ModelException or DeviceException or IOException or UnauthorizedAccessException)
        {
            console.Error.WriteLine($"p6b: {e.Message.ReplaceLineEndings(" ")}");
            return ExitCode.BadInput;
        }
        catch (Exception e) when (e is OutOfMemoryException or OverflowException)
        {
            console.Error.WriteLine("p6b: more memory is needed than there is; give a smaller --batch-size, --d-model or data file.");
            return ExitCode.BadInput;
        }
        catch (Exception e)
        {
            // A mistake of this program, not of the user; still one line.
            console.Error.WriteLine($"p6b: internal error, please report it: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
            return ExitCode.BadInput;
        }
    }

    // data inspect and data make are verbs of two words, each with flags of its own.
    private static string[] JoinVerb(string[] arguments) =>
        arguments is ["data", var action, .. var rest] && !action.StartsWith('-') ? [$"data {action}", .. rest] : arguments;

    private static int RunVerb(object options, string[] arguments, ConsoleContext console)
    {
        if (FindWithoutValue(options.GetType(), arguments) is { } flag) throw new InputException($"{flag} has no value.");
        string? stray = ((VerbOptions)options).Rest.FirstOrDefault();
        if (stray is not null) throw new InputException($"'{stray}' belongs to no flag; flags are written --name value, and switches have no value.");
        return Dispatch(options, console);
    }

    /// <summary>The first flag that is followed by another flag instead of its value: the parser would take it as not given.</summary>
    private static string? FindWithoutValue(Type options, string[] arguments)
    {
        HashSet<string> withValue = [.. options.GetProperties().Where(p => p.PropertyType != typeof(bool))
            .Select(p => p.GetCustomAttribute<OptionAttribute>()).OfType<OptionAttribute>().Select(o => "--" + o.LongName)];
        for (int i = 0; i < arguments.Length; i++)
        {
            if (withValue.Contains(arguments[i]) && (i + 1 == arguments.Length || arguments[i + 1].StartsWith("--", StringComparison.Ordinal)))
                return arguments[i];
        }

        return null;
    }

    private static int Dispatch(object options, ConsoleContext console) => options switch
    {
        TrainOptions train => TrainCommand.Run(train, console),
        ForecastOptions forecast => ForecastCommand.Run(forecast, console),
        EvaluateOptions evaluate => EvaluateCommand.Run(evaluate, console),
        PredictOptions predict => PredictCommand.Run(predict, console),
        DataInspectOptions inspect => DataInspectCommand.Run(inspect, console),
        DataMakeOptions make => DataMakeCommand.Run(make, console),
        DevicesOptions devices => DevicesCommand.Run(devices, console),
        GradcheckOptions gradcheck => GradcheckCommand.Run(gradcheck, console),
        BenchOptions bench => BenchCommand.Run(bench, console),
        CompareOptions compare => CompareCommand.Run(compare, console),
        GuardsOptions guards => GuardsCommand.Run(guards, console),
        _ => throw new InvalidOperationException($"No command for {options.GetType().Name}."),
    };

    private static int Refuse(ParserResult<object> parsed, Error[] errors, ConsoleContext console)
    {
        if (errors.IsHelp())
        {
            console.Output.WriteLine(HelpText.AutoBuild(parsed, text =>
            {
                text.Heading = "p6b: train and judge latent vector models";
                text.Copyright = "";
                text.AutoVersion = false;
                text.AdditionalNewLineAfterOption = false;
                text.MaximumDisplayWidth = 150;
                return text;
            }));
            return ExitCode.Done;
        }

        console.Error.WriteLine($"p6b: {Describe(errors[0])}");
        return ExitCode.BadInput;
    }

    private static string Describe(Error error) => error switch
    {
        NoVerbSelectedError => $"no verb; one of {VerbNames} is needed (p6b train trains on the bundled sample; p6b --help lists all).",
        BadVerbSelectedError bad => $"unknown verb '{bad.Token}'; one of {VerbNames} is needed.",
        UnknownOptionError unknown => $"unknown flag '--{unknown.Token.TrimStart('-')}'; the verb's --help lists the flags it has.",
        MissingRequiredOptionError missing when missing.NameInfo.LongName.Length > 0 => $"--{missing.NameInfo.LongName} is missing; it is required.",
        MissingRequiredOptionError => "an argument is missing; the verb's --help shows what it needs.",
        MissingValueOptionError missing => $"--{missing.NameInfo.LongName} has no value.",
        BadFormatConversionError bad when bad.NameInfo.LongName.Length > 0 => $"--{bad.NameInfo.LongName}: the value is not of the right type.",
        RepeatedOptionError repeated => $"--{repeated.NameInfo.LongName} is given twice.",
        BadFormatTokenError bad => $"'{bad.Token}' is not understood; flags are written --name value.",
        _ => $"the command line is not understood ({error.Tag}).",
    };

    private static string VerbNames => string.Join(", ", Verbs.Select(t => ((VerbAttribute)t.GetCustomAttributes(typeof(VerbAttribute), false)[0]).Name));
}
