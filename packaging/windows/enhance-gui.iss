; The installer for Windows, compiled by packaging/building/windows.py, which defines:
;   Version, FileVersion, Frozen (the program's folder), Icon, Output, Licence;
;   and Signed where there is a certificate.

#define Name "Enhance GUI"
#define Publisher "The Enhance GUI developers"
#define WindowProgram "enhance-gui-window.exe"
#define Program "enhance-gui.exe"
#define Kind "EnhanceGUI.Picture"

[Setup]
AppId={{8B0E1E9D-5E0B-4B42-9E63-6A0C3D1F7C54}
AppName={#Name}
AppVersion={#Version}
AppVerName={#Name} {#Version}
AppPublisher={#Publisher}
VersionInfoVersion={#FileVersion}
VersionInfoProductTextVersion={#Version}
DefaultDirName={autopf}\{#Name}
DisableProgramGroupPage=yes
DisableDirPage=auto
DisableReadyPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=commandline
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
CloseApplications=yes
RestartApplications=no
ChangesAssociations=yes
SetupIconFile={#Icon}
UninstallDisplayIcon={app}\{#WindowProgram}
UninstallDisplayName={#Name}
WizardStyle=modern
ShowLanguageDialog=auto
Compression=lzma2/max
SolidCompression=yes
OutputDir={#Output}
OutputBaseFilename=enhance-gui-{#Version}-windows-x64-setup
#ifdef Signed
SignTool=signing
SignedUninstaller=yes
#endif

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"
Name: "es"; MessagesFile: "compiler:Languages\Spanish.isl"
Name: "ja"; MessagesFile: "compiler:Languages\Japanese.isl"

[CustomMessages]
en.Explorer=Show “Enhance” in the menu of pictures
de.Explorer=„Verbessern“ im Menü von Bildern anzeigen
es.Explorer=Mostrar «Mejorar» en el menú de las imágenes
ja.Explorer=画像のメニューに「補正」を表示する
en.Enhance=Enhance with {#Name}
de.Enhance=Mit {#Name} verbessern
es.Enhance=Mejorar con {#Name}
ja.Enhance={#Name} で補正
en.Picture=Picture
de.Picture=Bild
es.Picture=Imagen
ja.Picture=画像

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked
Name: "explorer"; Description: "{cm:Explorer}"; GroupDescription: "{cm:AdditionalIcons}"

; An upgrade takes the libraries of the older version away first, or both would lie there.
[InstallDelete]
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Frozen}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs
Source: "{#Licence}"; DestDir: "{app}"; DestName: "LICENSE.txt"; Flags: ignoreversion

[Icons]
Name: "{autoprograms}\{#Name}"; Filename: "{app}\{#WindowProgram}"
Name: "{autodesktop}\{#Name}"; Filename: "{app}\{#WindowProgram}"; Tasks: desktopicon

; All of it is under "Open with"; nothing is taken from the program that opens pictures now.
[Registry]
Root: HKA; Subkey: "Software\Classes\{#Kind}"; ValueType: string; ValueData: "{cm:Picture}"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\{#Kind}\DefaultIcon"; ValueType: string; ValueData: "{app}\{#WindowProgram},0"
Root: HKA; Subkey: "Software\Classes\{#Kind}\shell\open\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""
Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}"; ValueType: string; ValueName: "FriendlyAppName"; ValueData: "{#Name}"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\shell\open\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""
Root: HKA; Subkey: "Software\Microsoft\Windows\CurrentVersion\App Paths\{#Program}"; ValueType: string; ValueData: "{app}\{#Program}"; Flags: uninsdeletekey

Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".jpg"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.jpg\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpg\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpg\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpg\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer

Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".jpeg"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.jpeg\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpeg\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpeg\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpeg\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer

Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".jpe"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.jpe\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpe\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpe\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpe\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".jfif"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.jfif\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jfif\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jfif\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jfif\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".pjpeg"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.pjpeg\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.pjpeg\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.pjpeg\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.pjpeg\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".pjp"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.pjp\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.pjp\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.pjp\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.pjp\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".jif"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.jif\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jif\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jif\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jif\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer

Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".png"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.png\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.png\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.png\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.png\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer

Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".webp"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.webp\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.webp\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.webp\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.webp\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer

Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".bmp"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.bmp\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.bmp\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.bmp\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.bmp\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".dib"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.dib\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.dib\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.dib\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.dib\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer

Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".gif"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.gif\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.gif\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.gif\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.gif\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer

Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".tiff"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.tiff\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.tiff\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.tiff\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.tiff\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".tif"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.tif\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.tif\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.tif\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.tif\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer

Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".avif"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.avif\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.avif\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.avif\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.avif\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer

Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".heic"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.heic\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.heic\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.heic\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.heic\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer

Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".heif"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.heif\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.heif\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.heif\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.heif\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".hif"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.hif\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.hif\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.hif\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.hif\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer

Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".jp2"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.jp2\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jp2\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jp2\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jp2\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".j2k"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.j2k\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.j2k\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.j2k\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.j2k\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".jpx"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.jpx\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpx\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpx\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpx\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\Applications\{#WindowProgram}\SupportedTypes"; ValueType: string; ValueName: ".jpf"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\.jpf\OpenWithProgids"; ValueType: string; ValueName: "{#Kind}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpf\shell\EnhanceGUI"; ValueType: string; ValueName: "MUIVerb"; ValueData: "{cm:Enhance}"; Tasks: explorer; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpf\shell\EnhanceGUI"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#WindowProgram},0"; Tasks: explorer
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\.jpf\shell\EnhanceGUI\command"; ValueType: string; ValueData: """{app}\{#WindowProgram}"" ""%1"""; Tasks: explorer

; The user's pictures, list of tasks, settings and tokens lie elsewhere, and stay.
[Run]
Filename: "{app}\{#WindowProgram}"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent
