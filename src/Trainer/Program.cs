using System.Text;
using P6bNative.Trainer.Commands;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return CommandLineApp.Run(args, new ConsoleContext(Console.Out, Console.Error, !Console.IsOutputRedirected, CancellationToken.None));
